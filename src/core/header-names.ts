/** Headers this package sets on responses. Names of our own start with `x-gateway-`. */
export const header = {
  requestId: 'x-request-id',
  provider: 'x-provider',
  attempts: 'x-gateway-attempts',
  droppedParams: 'x-gateway-dropped-params',
  /** `estimated` where a count of tokens is ours and not a provider's. */
  tokenCount: 'x-gateway-token-count',
  /** What a whole answer cost, in US dollars; absent where its price is not known. */
  costUsd: 'x-gateway-cost-usd',
  retryAfter: 'retry-after',
  shouldRetry: 'x-should-retry',
} as const;

/** The request header that bounds the time to the first output, in milliseconds. */
export const deadlineHeader = 'x-gateway-deadline-ms';
