import { isPromiseLike } from '../core/promise-like.ts';
import type { Runtime } from '../core/runtime.ts';
import { type KeyRecord, recordOfTerms } from './key-record.ts';
import type { Awaitable, KeyChanges, KeyStore, StoredKey } from './key-store.ts';
import { RecentMap } from './recent-map.ts';
import { type StoreAnswer, StoreLine } from './store-line.ts';

export interface DirectorySettings {
  readonly store: KeyStore;
  /** Milliseconds a store may take to answer. */
  readonly timeoutMs: number;
  /** Milliseconds for which known keys go on working while the store does not answer. */
  readonly graceMs: number;
  readonly runtime: Runtime;
  /** The store has stopped answering. */
  readonly onFault: (thrown: unknown) => void;
}

/** What became of a look-up. */
export type Lookup =
  | { readonly kind: 'known'; readonly record: KeyRecord }
  | { readonly kind: 'unknown' }
  /** The store does not answer. */
  | { readonly kind: 'unavailable' };

interface Entry {
  readonly id: string;
  readonly lookup: Lookup & { readonly kind: 'known' };
  /** Milliseconds since 1970: the first at which this is no longer a digest of the key. */
  readonly until: number;
}

const unknown: Lookup = { kind: 'unknown' };
const unavailable: Lookup = { kind: 'unavailable' };

/** Milliseconds after which what is remembered is checked before it is used, so that nothing is older than a second. */
const mustCheckAfter = 800;
/** Milliseconds after which it is checked while it is used. */
const checkAfter = 400;
const mostRemembered = 20_000;

/**
 * The keys of a store, remembered while they are used, and so are wrong ones. What has changed in the store is asked for
 * with the traffic, at most every 400 ms: a change is seen within a second on every replica, and nothing runs while
 * nobody calls.
 */
export class KeyDirectory {
  readonly #settings: DirectorySettings;
  readonly #line: StoreLine;
  readonly #known = new RecentMap<string, Entry>(mostRemembered);
  readonly #wrong = new RecentMap<string, true>(mostRemembered);
  readonly #lookingUp = new Map<string, Promise<Lookup>>();
  #checking: Promise<void> | undefined;
  #revision: number | undefined;
  /** When the store was last asked whether what is remembered is so, and said yes; runtime milliseconds. */
  #confirmedAt = Number.NEGATIVE_INFINITY;
  /** Counts what had to be forgotten: an answer to an earlier question may be out of date. */
  #changes = 0;

  constructor(settings: DirectorySettings) {
    this.#settings = settings;
    this.#line = new StoreLine(settings.timeoutMs, settings.runtime, settings.onFault);
  }

  /** @param digest 32 bytes, one character each */
  find(digest: string): Awaitable<Lookup> {
    const checked = this.#check();
    return checked === undefined ? this.#recall(digest) : checked.then(() => this.#recall(digest));
  }

  /** Whether nothing is remembered of this digest: a look-up would have to ask the store. */
  isStrange(digest: string): boolean {
    return this.#known.get(digest) === undefined && this.#wrong.get(digest) === undefined;
  }

  /** Whether looking up costs next to nothing. */
  get isLocal(): boolean {
    return !this.#settings.store.shared;
  }

  /** Keys have changed, by our own doing or as the store says. */
  forget(keys: readonly StoredKey[]): void {
    this.#changes += 1;
    const ids = new Set(keys.map(({ id }) => id));
    this.#known.deleteWhere(({ id }) => ids.has(id));
    for (const { digest, previous } of keys) {
      this.#wrong.delete(bytesOf(digest));
      if (previous !== undefined) this.#wrong.delete(bytesOf(previous.digest));
    }
  }

  /** Asks what has changed, when it is time. A promise where nothing can be said before the answer. */
  #check(): Promise<void> | undefined {
    if (this.#line.down) {
      // Nobody waits for a store that did not answer the last time.
      if (this.#line.retryIsDue) this.#ask();
      return undefined;
    }
    const age = this.#settings.runtime.now() - this.#confirmedAt;
    if (age < checkAfter) return undefined;
    const asking = this.#ask();
    return age < mustCheckAfter ? undefined : asking;
  }

  /** `undefined` when the store has answered at once. */
  #ask(): Promise<void> | undefined {
    if (this.#checking !== undefined) return this.#checking;
    const { store, runtime } = this.#settings;
    const askedAt = runtime.now();
    const answer = this.#line.ask(() => store.changes(this.#revision));
    if (!isPromiseLike(answer)) {
      this.#apply(answer, askedAt);
      return undefined;
    }
    this.#checking = answer.then((changes) => {
      this.#checking = undefined;
      this.#apply(changes, askedAt);
    });
    return this.#checking;
  }

  #apply(answer: StoreAnswer<KeyChanges>, askedAt: number): void {
    if (answer === undefined) return;
    const { keys, revision } = answer.value;
    if (keys === undefined) {
      this.#changes += 1;
      this.#known.clear();
      this.#wrong.clear();
    } else if (keys.length > 0) {
      this.forget(keys);
    }
    this.#revision = revision;
    this.#confirmedAt = askedAt;
  }

  #recall(digest: string): Awaitable<Lookup> {
    const { runtime, graceMs } = this.#settings;
    const { down } = this.#line;
    if (down && runtime.now() - this.#confirmedAt > graceMs) return unavailable;
    const entry = this.#known.get(digest);
    if (entry !== undefined) return entry.until > runtime.wallTime() ? entry.lookup : unknown;
    if (this.#wrong.get(digest) !== undefined) return unknown;
    return down ? unavailable : (this.#lookingUp.get(digest) ?? this.#lookUp(digest));
  }

  #lookUp(digest: string): Awaitable<Lookup> {
    const changes = this.#changes;
    const { store } = this.#settings;
    const answer = this.#line.ask(() => store.find(Buffer.from(digest, 'latin1').toString('hex')));
    const conclude = (found: StoreAnswer<StoredKey | undefined>): Lookup => {
      if (found === undefined) return unavailable;
      return this.#remember(digest, found.value, changes === this.#changes);
    };
    if (!isPromiseLike(answer)) return conclude(answer);
    const pending = answer.then((found) => {
      this.#lookingUp.delete(digest);
      return conclude(found);
    });
    this.#lookingUp.set(digest, pending);
    return pending;
  }

  #remember(digest: string, key: StoredKey | undefined, isCurrent: boolean): Lookup {
    const entry = key === undefined ? undefined : entryOf(key, digest);
    if (entry === undefined || entry.until <= this.#settings.runtime.wallTime()) {
      if (isCurrent) this.#wrong.set(digest, true);
      return unknown;
    }
    if (isCurrent) this.#known.set(digest, entry);
    return entry.lookup;
  }
}

/** @throws ConfigurationError when the store holds terms this version cannot keep: such a key is good for nothing */
function entryOf(key: StoredKey, digest: string): Entry | undefined {
  if (key.revokedAt !== undefined) return undefined;
  const until = bytesOf(key.digest) === digest ? Number.POSITIVE_INFINITY : (key.previous?.until ?? 0);
  return { id: key.id, lookup: { kind: 'known', record: recordOfTerms(key.id, key.terms) }, until };
}

function bytesOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}
