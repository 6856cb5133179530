import type { AuditRecord, KeyStore, StoredKey } from '../../auth/key-store.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import {
  auditScript,
  changeScript,
  changesScript,
  findScript,
  getScript,
  keyPlaces,
  listScript,
  noteScript,
} from './key-scripts.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

/**
 * The keys in a Redis, shared by all processes; each change is one script. Redis must keep them over its own restarts
 * (`appendonly yes`) and must not evict any (`maxmemory-policy noeviction`): a key that is lost is not known any more. Of
 * the audit, the latest 10,000 records are kept. The connection stays open until it is closed.
 */
export function redisKeyStore(connection: RedisConnection): KeyStore {
  const keys = keyPlaces.map((place) => `${connection.prefix}:key:${place}`);
  const run = (script: RedisScript, ...values: readonly string[]): Promise<unknown> =>
    connection.evaluate(script, { keys, values });

  const change = async (key: StoredKey, audit: AuditRecord): Promise<boolean> => {
    const { id, digest, previous, terms, version } = key;
    const team = terms.team === undefined ? '' : JSON.stringify(terms.team);
    const digests = previous === undefined ? [digest] : [digest, previous.digest];
    const texts = [JSON.stringify(key), String(version), team, JSON.stringify(audit)];
    return (await run(changeScript, id, ...texts, ...digests)) === 1;
  };

  return {
    shared: true,
    async find(digest) {
      return keyOf(await run(findScript, digest));
    },
    async get(id) {
      return keyOf(await run(getScript, id));
    },
    async list({ after = '', team, limit }) {
      const wanted = team === undefined ? '' : JSON.stringify(team);
      return keysOf(await run(listScript, after, String(limit), wanted));
    },
    create: change,
    replace: change,
    async note(audit) {
      await run(noteScript, JSON.stringify(audit));
    },
    async audit({ target, limit }) {
      const part = target === undefined ? '' : `"target":${JSON.stringify(target)}`;
      const records = textsOf(await run(auditScript, String(limit), part)).map(auditOf);
      return target === undefined ? records : records.filter((record) => record.target === target);
    },
    async changes(since) {
      const [revision, told, ...changed] = listOf(await run(changesScript, since === undefined ? '' : String(since)));
      if (typeof revision !== 'number') throw unreadable();
      return { revision, keys: told === 1 ? keysOf(changed) : undefined };
    },
  };
}

function keysOf(reply: unknown): readonly StoredKey[] {
  return listOf(reply).flatMap((text) => keyOf(text) ?? []);
}

/** Nobody but ourselves writes them, and whoever uses their terms checks those again. */
function keyOf(text: unknown): StoredKey | undefined {
  if (text === null || text === undefined) return undefined;
  const key = objectOf(text);
  const { id, digest, version, terms } = key;
  const complete = typeof id === 'string' && typeof digest === 'string' && typeof version === 'number';
  if (!complete || !isJsonObject(terms)) throw unreadable();
  return key as unknown as StoredKey;
}

function auditOf(text: string): AuditRecord {
  const record = objectOf(text);
  if (typeof record.id !== 'string' || typeof record.at !== 'number') throw unreadable();
  return record as unknown as AuditRecord;
}

function objectOf(text: unknown): JsonObject {
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  if (!isJsonObject(value)) throw unreadable();
  return value;
}

function textsOf(reply: unknown): readonly string[] {
  return listOf(reply).map(String);
}

function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw unreadable();
  return reply;
}

/** It is then as if there were no store. */
function unreadable(): TypeError {
  return new TypeError('Redis holds something else than a key where the keys are.');
}
