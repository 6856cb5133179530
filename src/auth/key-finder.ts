import type { Call } from '../core/call.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import type { FailureGuard } from './failure-guard.ts';
import type { KeyDigest } from './key-digest.ts';
import type { KeyDirectory, Lookup } from './key-directory.ts';
import type { Awaitable } from './key-store.ts';
import type { KeyTable } from './key-table.ts';
import { isPlausibleKey } from './plausible-key.ts';
import { RecentMap } from './recent-map.ts';

/** What is known of a presented credential. */
export type Recognition = Lookup | { readonly kind: 'blocked'; readonly forMs: number };

export type KeyFinder = (key: string, call: Call) => Awaitable<Recognition>;

export interface KeySources {
  readonly digestOf: KeyDigest;
  /** The keys of the configuration. */
  readonly configured: KeyTable;
  /** The keys that are made at run time. */
  readonly directory: KeyDirectory | undefined;
  readonly guard: FailureGuard | undefined;
}

const unknown: Lookup = { kind: 'unknown' };
/** Wrong keys that were seen before are no new guesses: whoever has one that was revoked reads that, again and again. */
const mostSeen = 2_000;

/** Looks for a key: among the configured ones, then, unless its peer has sent too many wrong ones, in the store. */
export function keyFinder({ digestOf, configured, directory, guard }: KeySources): KeyFinder {
  const seen = new RecentMap<string, true>(mostSeen);
  const isStrange = (digest: string): boolean =>
    directory === undefined ? seen.get(digest) === undefined : directory.isStrange(digest);

  const judge = (lookup: Lookup, { digest, call, forMs }: Guess): Recognition => {
    if (lookup.kind !== 'unknown') return lookup;
    if (forMs > 0) return { kind: 'blocked', forMs };
    if (directory === undefined) seen.set(digest, true);
    const { peer } = call.head;
    if (peer !== undefined && peer !== '') guard?.failed(peer);
    return lookup;
  };

  return (key, call) => {
    if (!isPlausibleKey(key)) return unknown;
    const digest = digestOf(key);
    const record = configured(digest);
    if (record !== undefined) return { kind: 'known', record };
    if (!isStrange(digest)) return directory === undefined ? unknown : directory.find(digest);
    const guess = { digest, call, forMs: blockedFor(guard, call) };
    if (directory === undefined) return judge(unknown, guess);
    // A right key that was not seen before is worth a look, where a look costs the store nothing.
    if (guess.forMs > 0 && !directory.isLocal) return { kind: 'blocked', forMs: guess.forMs };
    const lookup = directory.find(digest);
    return isPromiseLike(lookup) ? lookup.then((settled) => judge(settled, guess)) : judge(lookup, guess);
  };
}

/** A key nobody has seen before. */
interface Guess {
  readonly digest: string;
  readonly call: Call;
  /** Milliseconds for which its peer is still blocked. */
  readonly forMs: number;
}

function blockedFor(guard: FailureGuard | undefined, { head }: Call): number {
  // Asking for the peer costs a system call: only of who has brought a strange key.
  const peer = guard === undefined ? undefined : head.peer;
  return peer === undefined || peer === '' ? 0 : (guard?.blockedFor(peer) ?? 0);
}
