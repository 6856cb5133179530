import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type AuditRecord, type KeyStore, mostChangesTold, type StoredKey } from '../../src/auth/key-store.ts';

let last = 0;

/** A key nobody else has. */
export function storedKey(given: Partial<StoredKey> = {}): StoredKey {
  last += 1;
  const digest = last.toString(16).padStart(64, '0');
  return { id: `key-${last}`, digest, hint: 'abcd', terms: {}, createdAt: 1, updatedAt: 1, version: 1, ...given };
}

export function auditOf(target: string, given: Partial<AuditRecord> = {}): AuditRecord {
  last += 1;
  return { id: `audit-${last}`, at: last, actor: 'admin', action: 'create', outcome: 'done', target, ...given };
}

/** What every store of keys must do. */
export function keyStoreConformance(open: () => KeyStore | Promise<KeyStore>): void {
  let store: KeyStore;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(async () => store.close?.());

  const create = (key: StoredKey) => store.create(key, auditOf(key.id));

  it('finds a key by its digest, by the one before it, and by its id', async () => {
    const key = storedKey({
      previous: { digest: 'a'.repeat(64), until: 1_900_000_000_000 },
      terms: {
        team: 'search',
        models: ['openai/*'],
        limits: ['100 requests per hour'],
        expiresAt: '2031-01-01T00:00:00Z',
      },
      createdAt: 1_750_000_000_000,
      updatedAt: 1_750_000_000_001,
    });
    expect(await create(key)).toBe(true);
    expect(await store.find(key.digest)).toEqual(key);
    expect(await store.find('a'.repeat(64))).toEqual(key);
    expect(await store.get(key.id)).toEqual(key);
    expect(await store.find('b'.repeat(64))).toBeUndefined();
    expect(await store.get('nobody')).toBeUndefined();
  });

  it('takes no id and no digest a second time', async () => {
    const key = storedKey({ previous: { digest: 'c'.repeat(64), until: 5 } });
    await create(key);
    expect(await create(storedKey({ id: key.id }))).toBe(false);
    expect(await create(storedKey({ digest: key.digest }))).toBe(false);
    expect(await create(storedKey({ digest: 'c'.repeat(64) }))).toBe(false);
    expect(await create(storedKey({ previous: { digest: key.digest, until: 5 } }))).toBe(false);
    expect(await store.get(key.id)).toEqual(key);
  });

  it('replaces the version it was told, and no other', async () => {
    const key = storedKey({ previous: { digest: 'd'.repeat(64), until: 5 } });
    await create(key);
    const { previous: _, ...rest } = key;
    const revoked: StoredKey = { ...rest, revokedAt: 7, updatedAt: 7, version: 2 };
    const audit = auditOf(key.id, { action: 'revoke', before: {}, after: {} });
    expect(await store.replace(revoked, audit)).toBe(true);
    expect(await store.get(key.id)).toEqual(revoked);
    expect(await store.find('d'.repeat(64))).toBeUndefined();
    expect(await store.replace({ ...revoked, hint: 'late' }, auditOf(key.id))).toBe(false);
    expect(await store.replace(storedKey({ version: 2 }), auditOf('nobody'))).toBe(false);
    expect(await store.get(key.id)).toEqual(revoked);
    expect(await store.audit({ target: key.id, limit: 10 })).toEqual([
      audit,
      expect.objectContaining({ action: 'create' }),
    ]);
  });

  it('lets one of several changes at once win', async () => {
    const key = storedKey();
    await create(key);
    const changes = Array.from({ length: 8 }, (_, index) =>
      store.replace({ ...key, hint: `h${index}`, version: 2 }, auditOf(key.id, { action: 'update' })),
    );
    expect((await Promise.all(changes)).filter((won) => won)).toHaveLength(1);
    expect(await store.audit({ target: key.id, limit: 10 })).toHaveLength(2);
    const twins = Array.from({ length: 8 }, () => create(storedKey({ id: `twin-${key.id}` })));
    expect((await Promise.all(twins)).filter((won) => won)).toHaveLength(1);
  });

  it('lists keys in the order of their ids, page by page, and by team', async () => {
    const ids = ['Z-list', '_list', 'a-list', 'b-list'].map((id) => `list.${id}`);
    for (const id of [...ids].reverse())
      await create(storedKey({ id, terms: id.includes('b-') ? { team: "o'r%_" } : {} }));
    expect((await store.list({ after: 'list.', limit: 2 })).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect((await store.list({ after: 'list._list', limit: 2 })).map(({ id }) => id)).toEqual(ids.slice(2));
    expect((await store.list({ team: "o'r%_", limit: 10 })).map(({ id }) => id)).toEqual([ids[3]]);
    expect(await store.list({ team: '%', limit: 10 })).toEqual([]);
  });

  it('tells what has changed since a revision, each key once and as it is now', async () => {
    const { revision } = await store.changes();
    expect(await store.changes(revision)).toEqual({ revision, keys: [] });
    const [one, two] = [storedKey(), storedKey()];
    await create(one);
    await create(two);
    const changed = { ...one, hint: 'wxyz', version: 2 };
    await store.replace(changed, auditOf(one.id, { action: 'update' }));
    const told = await store.changes(revision);
    expect(told.revision).toBeGreaterThan(revision);
    expect([...(told.keys ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      [changed, two].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    // What was refused is no change.
    await create(one);
    await store.note(auditOf('nobody', { action: 'unknown', outcome: 'refused' }));
    expect(await store.changes(told.revision)).toEqual({ revision: told.revision, keys: [] });
  });

  it('says when there are too many changes to tell', async () => {
    const { revision } = await store.changes();
    for (let count = 0; count <= mostChangesTold; count += 1) await create(storedKey());
    expect(await store.changes(revision)).toEqual({ revision: expect.any(Number), keys: undefined });
  });

  it('keeps what was noted, the latest first', async () => {
    const first = auditOf('audited', { action: 'update', outcome: 'refused', requestId: 'r-1', peer: '::1' });
    const second = auditOf('audited', { action: 'rotate', before: { team: 'a' }, after: { team: 'b' } });
    await store.note(first);
    await store.note(second);
    expect(await store.audit({ target: 'audited', limit: 10 })).toEqual([second, first]);
    expect(await store.audit({ limit: 1 })).toEqual([second]);
  });
}
