import type { UpstreamFault } from '../dialects/canonical.ts';

/** Shorter ones are placeholders for servers that take any key, and could stand in every other word. */
const shortestKey = 8;
const mask = '***';

/**
 * The fault with the provider's own keys blacked out wherever it repeats them. Dialects mask what looks like a key; that
 * of one's own server can look like anything.
 */
export function maskKeys(fault: UpstreamFault, apiKeys: readonly string[]): UpstreamFault {
  const { message, code, param } = fault;
  const secrets = apiKeys.filter((key) => key.length >= shortestKey);
  if (!secrets.some((key) => `${message} ${code} ${param}`.includes(key))) return fault;
  const masked = (text: string): string => secrets.reduce((left, key) => left.replaceAll(key, mask), text);
  return {
    ...fault,
    message: masked(message),
    ...(code !== undefined && { code: masked(code) }),
    ...(param !== undefined && { param: masked(param) }),
  };
}
