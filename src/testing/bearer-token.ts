import type { WireRequest } from './personality.ts';

/** The token of an `authorization: Bearer ...`; nothing when there is none. */
export function bearerToken({ headers }: Pick<WireRequest, 'headers'>): string | undefined {
  const { authorization } = headers;
  return typeof authorization === 'string' ? /^Bearer (.+)$/.exec(authorization)?.[1] : undefined;
}
