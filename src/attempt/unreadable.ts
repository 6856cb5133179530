import type { UpstreamFault } from '../dialects/canonical.ts';

/** What a provider sent is no answer; `code` says in which way. */
export function unreadable(code: string): UpstreamFault {
  return { kind: 'invalid_response', message: '', code };
}
