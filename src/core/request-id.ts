/** A request id from outside, where it is short and plain enough for headers and logs; anything else is none. */
export function usableRequestId(sent: unknown): string | undefined {
  return typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) ? sent : undefined;
}
