import type { KeyTerms } from './key-terms.ts';

/** What is either there at once or promised: a store in memory need not be waited for. */
export type Awaitable<Value> = Value | Promise<Value>;

/** A key as it is kept. Dates are milliseconds since 1970. */
export interface StoredKey {
  /** Public, unique for ever: a revoked key keeps its own. */
  readonly id: string;
  /** HMAC-SHA-256 of the key under the gateway's secret, 64 hexadecimal digits in lower case. */
  readonly digest: string;
  /** The last four characters of the key, for people who have several. */
  readonly hint: string;
  /** The key before the last rotation, until it ends. */
  readonly previous?: { readonly digest: string; readonly until: number };
  readonly terms: KeyTerms;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly revokedAt?: number;
  /** 1 when it is made, and one more with every change. */
  readonly version: number;
}

/** Who has done what to which key, or was not let to. Holds no secret. */
export interface AuditRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Id of the key it was done with. */
  readonly actor: string;
  readonly action: 'create' | 'update' | 'rotate' | 'revoke' | 'list' | 'get' | 'audit' | 'unknown';
  readonly outcome: 'done' | 'refused';
  /** Id of the key it was done to. */
  readonly target?: string;
  readonly requestId?: string;
  readonly peer?: string;
  /** The terms of the key, before and after. */
  readonly before?: KeyTerms;
  readonly after?: KeyTerms;
}

export interface KeyPage {
  /** Only ids behind this one, as the store sorts texts. */
  readonly after?: string;
  /** Only keys of this team. */
  readonly team?: string;
  /** From 1 to 1000. */
  readonly limit: number;
}

export interface AuditPage {
  /** Only what was done to this key. */
  readonly target?: string;
  /** From 1 to 1000. */
  readonly limit: number;
}

/** What has changed in a store. */
export interface KeyChanges {
  /** Grows with every change of a key, in the order in which changes become visible. */
  readonly revision: number;
  /** The keys that have changed, as they are now; `undefined` when there are too many to tell. */
  readonly keys: readonly StoredKey[] | undefined;
}

/**
 * Where keys live that are made at run time. Every change is one atomic step together with its audit record, and visible
 * to every process that shares the store when the promise resolves.
 *
 * Whatever is thrown or rejected means that the store cannot answer now.
 */
export interface KeyStore {
  /** Whether other processes see the same keys, or this one after its next start. */
  readonly shared: boolean;
  /** The key with this digest, be it the present one or the previous one; also when it is revoked. */
  find(digest: string): Awaitable<StoredKey | undefined>;
  get(id: string): Awaitable<StoredKey | undefined>;
  /** In the order of ids. */
  list(page: KeyPage): Awaitable<readonly StoredKey[]>;
  /** False, and nothing has changed, when the id or a digest is taken. */
  create(key: StoredKey, audit: AuditRecord): Awaitable<boolean>;
  /** Takes the place of the version before `key.version`. False, and nothing has changed, when that is not the present one. */
  replace(key: StoredKey, audit: AuditRecord): Awaitable<boolean>;
  /** Notes what has changed nothing. */
  note(audit: AuditRecord): Awaitable<void>;
  /** The latest first. */
  audit(page: AuditPage): Awaitable<readonly AuditRecord[]>;
  /** What has changed since a revision; without one, only where the store is now. */
  changes(since?: number): Awaitable<KeyChanges>;
  /** Lets go of connections. */
  close?(): Awaitable<void>;
}

/** Of the records of who did what, the latest so many are kept by stores that keep them in memory. */
export const mostAuditRecords = 10_000;

/** More changes than these are not told one by one. */
export const mostChangesTold = 500;
