/** Headers this package sets on responses. Names of our own start with `x-gateway-`. */
export const header = {
  requestId: 'x-request-id',
  provider: 'x-provider',
  attempts: 'x-gateway-attempts',
  droppedParams: 'x-gateway-dropped-params',
  /** `estimated` where a count of tokens is ours and not a provider's. */
  tokenCount: 'x-gateway-token-count',
  /** What a call with a whole answer cost, all its attempts, in US dollars; absent where a price is not known. */
  costUsd: 'x-gateway-cost-usd',
  retryAfter: 'retry-after',
  shouldRetry: 'x-should-retry',
} as const;

/** The request header that bounds the time to the first output, in milliseconds. */
export const deadlineHeader = 'x-gateway-deadline-ms';

/** The request header by which a caller asks for `provider`, `latency_ms` and `usage.cost_usd` in the body of whole answers. */
export const extendBodyHeader = 'x-gateway-extend-body';
