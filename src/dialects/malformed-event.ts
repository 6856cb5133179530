import type { UpstreamFault } from './canonical.ts';

/** The fault of an event that cannot be read. */
export function malformed(what: string): UpstreamFault {
  return { kind: 'invalid_response', message: `The provider sent an event that cannot be read: ${what}.` };
}
