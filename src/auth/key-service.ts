import { randomBytes } from 'node:crypto';
import { GatewayError } from '../core/errors.ts';
import type { Runtime } from '../core/runtime.ts';
import type { KeyDigest } from './key-digest.ts';
import type { KeyDirectory } from './key-directory.ts';
import { recordOfTerms } from './key-record.ts';
import type { AuditPage, AuditRecord, KeyPage, KeyStore, StoredKey } from './key-store.ts';
import type { KeyTerms } from './key-terms.ts';

/** On whose word something is done. */
export interface Actor {
  /** Id of the key. */
  readonly id: string;
  readonly requestId?: string;
  readonly peer?: string;
}

/** A key at the only moment at which it can be read. */
export interface NewKey {
  readonly key: string;
  readonly stored: StoredKey;
}

export interface CreateKey {
  /** 1 to 64 letters, digits, dots, dashes or underscores. @default a random one */
  readonly id?: string;
  readonly terms: KeyTerms;
}

/**
 * Makes and changes the keys of a store. What it is told to do it does, and notes who told it: whoever calls it has seen
 * to it that they may.
 *
 * Rejects with GatewayError: `conflict`, `not_found`, `invalid_request`, or `auth_unavailable` when the store fails.
 */
export interface KeyService {
  create(request: CreateKey, actor: Actor): Promise<NewKey>;
  get(id: string): Promise<StoredKey>;
  list(page: KeyPage): Promise<readonly StoredKey[]>;
  /** Replaces the terms by what `change` makes of them. */
  update(id: string, change: (terms: KeyTerms) => KeyTerms, actor: Actor): Promise<StoredKey>;
  /** Gives the key a new secret; the old one goes on working for `overlapMs`, and the one before that ends now. */
  rotate(id: string, overlapMs: number, actor: Actor): Promise<NewKey>;
  /** Ends the key for ever. Once more changes nothing. */
  revoke(id: string, actor: Actor): Promise<StoredKey>;
  audit(page: AuditPage): Promise<readonly AuditRecord[]>;
  /** Notes that somebody was not let to do something. */
  refused(refusal: Pick<AuditRecord, 'action' | 'target'>, actor: Actor): Promise<void>;
}

export interface KeyServiceInit {
  readonly store: KeyStore;
  readonly directory: KeyDirectory;
  readonly digestOf: KeyDigest;
  readonly runtime: Runtime;
  /** Ids of configured keys, which no other key may have. */
  readonly reserved: readonly string[];
}

interface Change {
  readonly action: 'update' | 'rotate' | 'revoke';
  readonly actor: Actor;
}

const idForm = /^[\w.-]{1,64}$/;
const shortestHinted = 12;

/** What of a key may be shown: its last four characters, and of a short one nothing. */
export function keyHint(key: string): string {
  return key.length < shortestHinted ? '' : key.slice(-4);
}

export function createKeyService({ store, directory, digestOf, runtime, reserved }: KeyServiceInit): KeyService {
  const secretOf = (key: string) => ({
    digest: Buffer.from(digestOf(key), 'latin1').toString('hex'),
    hint: keyHint(key),
  });

  const entry = (
    actor: Actor,
    done: Pick<AuditRecord, 'action' | 'outcome' | 'target' | 'before' | 'after'>,
  ): AuditRecord => ({
    id: runtime.newId(),
    at: runtime.wallTime(),
    actor: actor.id,
    ...done,
    ...(actor.requestId !== undefined && { requestId: actor.requestId }),
    ...(actor.peer !== undefined && { peer: actor.peer }),
  });

  async function existing(id: string): Promise<StoredKey> {
    const found = idForm.test(id) ? await answered(() => store.get(id)) : undefined;
    if (found === undefined) throw new GatewayError('not_found', { message: 'There is no key with this id.' });
    return found;
  }

  async function usable(id: string): Promise<StoredKey> {
    const key = await existing(id);
    if (key.revokedAt === undefined) return key;
    throw new GatewayError('conflict', { message: 'The key is revoked. Create another one.' });
  }

  async function replace(before: StoredKey, changed: StoredKey, { action, actor }: Change): Promise<StoredKey> {
    const after = { ...changed, updatedAt: runtime.wallTime(), version: before.version + 1 };
    const terms = { before: before.terms, after: after.terms };
    const audit = entry(actor, { action, outcome: 'done', target: before.id, ...terms });
    if (!(await answered(() => store.replace(after, audit)))) {
      throw new GatewayError('conflict', { message: 'The key has been changed meanwhile. Read it again.' });
    }
    directory.forget([before, after]);
    return after;
  }

  return {
    async create({ id = randomId(), terms }, actor) {
      if (!idForm.test(id)) throw new GatewayError('invalid_request', { param: 'id', message: idMessage });
      checkTerms(id, terms);
      if (reserved.includes(id)) throw new GatewayError('conflict', { param: 'id', message: takenMessage });
      const key = newKey();
      const now = runtime.wallTime();
      const stored: StoredKey = { id, ...secretOf(key), terms, createdAt: now, updatedAt: now, version: 1 };
      const audit = entry(actor, { action: 'create', outcome: 'done', target: id, after: terms });
      if (!(await answered(() => store.create(stored, audit)))) {
        throw new GatewayError('conflict', { param: 'id', message: takenMessage });
      }
      directory.forget([stored]);
      return { key, stored };
    },

    get: existing,
    list: (page) => answered(() => store.list(page)),

    async update(id, change, actor) {
      const before = await usable(id);
      const terms = change(before.terms);
      checkTerms(id, terms);
      return replace(before, { ...before, terms }, { action: 'update', actor });
    },

    async rotate(id, overlapMs, actor) {
      const before = await usable(id);
      const { previous: _ended, ...lasting } = before;
      const key = newKey();
      const until = runtime.wallTime() + overlapMs;
      const stored = await replace(
        before,
        { ...lasting, ...secretOf(key), ...(overlapMs > 0 && { previous: { digest: before.digest, until } }) },
        { action: 'rotate', actor },
      );
      return { key, stored };
    },

    async revoke(id, actor) {
      const before = await existing(id);
      if (before.revokedAt !== undefined) return before;
      return replace(before, { ...before, revokedAt: runtime.wallTime() }, { action: 'revoke', actor });
    },

    audit: (page) => answered(() => store.audit(page)),
    async refused({ action, target }, actor) {
      const audit = entry(actor, { action, outcome: 'refused', ...(target !== undefined && { target }) });
      await answered(() => store.note(audit));
    },
  };
}

const idMessage = 'An id has 1 to 64 letters, digits, dots, dashes or underscores.';
const takenMessage = 'Another key has this id.';

/** 256 bits of chance: nobody guesses them, and a fast hash keeps them safe. */
function newKey(): string {
  return `gw-${randomBytes(32).toString('base64url')}`;
}

function randomId(): string {
  return `key-${randomBytes(8).toString('hex')}`;
}

/** @throws GatewayError `invalid_request` */
function checkTerms(id: string, terms: KeyTerms): void {
  try {
    recordOfTerms(id, terms);
  } catch (thrown) {
    const message =
      thrown instanceof Error ? thrown.message.replace(/^the key "[^"]*": /, '') : 'The terms are not valid.';
    throw new GatewayError('invalid_request', { message: `Not valid: ${message}.` });
  }
}

/** What a store answers; whatever it throws is a store that does not answer. */
async function answered<Value>(question: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await question();
  } catch (cause) {
    throw new GatewayError('auth_unavailable', { retryAfter: 1, cause });
  }
}
