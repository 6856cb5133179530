import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { KeyStore } from '../../src/auth/key-store.ts';
import { connectRedis, type RedisConnection, redisKeyStore } from '../../src/stores/redis/index.ts';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';
import { until } from '../support/test-app.ts';
import { auditOf, storedKey } from './key-conformance.ts';

describeWith('Redis', 'keys in a Redis', () => {
  let server: TestServer;
  let connections: readonly RedisConnection[];
  let one: KeyStore;
  let other: KeyStore;
  beforeAll(async () => {
    server = await startRedis({ keeps: true });
    connections = [1, 2].map(() => connectRedis({ url: server.url, commandTimeout: '2s' }));
    const [first, second] = connections.map(redisKeyStore);
    if (first === undefined || second === undefined) throw new Error('They have not started.');
    [one, other] = [first, second];
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server.stop();
  });

  it('are the same for every process, and one of two changes at once wins', async () => {
    const key = storedKey();
    expect(await one.create(key, auditOf(key.id))).toBe(true);
    expect(await other.find(key.digest)).toEqual(key);
    for (let version = 2; version < 50; version += 1) {
      const won = await Promise.all(
        [one, other].map((store, index) =>
          store.replace({ ...key, version, hint: `${version}-${index}` }, auditOf(key.id, { action: 'update' })),
        ),
      );
      expect(won.toSorted()).toEqual([false, true]);
      expect((await one.get(key.id))?.hint).toBe(`${version}-${won.indexOf(true)}`);
    }
    expect(await other.audit({ target: key.id, limit: 100 })).toHaveLength(49);
  });

  it('tell teams apart whatever they are called', async () => {
    const names = ['a', 'a"', 'a":', 'a:b', 'A', 'a/b', '\u00e9', '*', 'a\\', '\u2028', 'a;'];
    for (const team of names) {
      const key = storedKey({ id: `team-${names.indexOf(team)}`, terms: { team } });
      await one.create(key, auditOf(key.id));
    }
    for (const [index, team] of names.entries()) {
      expect((await other.list({ team, limit: 100 })).map(({ id }) => id)).toEqual([`team-${index}`]);
    }
    const moved = await one.get('team-0');
    if (moved === undefined) throw new Error('It is not there.');
    await one.replace({ ...moved, terms: { team: 'a:b' }, version: 2 }, auditOf('team-0'));
    expect(await one.list({ team: 'a', limit: 100 })).toEqual([]);
    expect((await one.list({ team: 'a:b', limit: 100 })).map(({ id }) => id)).toEqual(['team-0', 'team-3']);
    await one.replace({ ...moved, terms: {}, version: 3 }, auditOf('team-0'));
    expect((await one.list({ team: 'a:b', limit: 100 })).map(({ id }) => id)).toEqual(['team-3']);
  });

  it('look for whose record it is, not for words in it', async () => {
    const named = { target: 'wanted', id: 'x' };
    await one.note(auditOf('elsewhere', { after: { user: JSON.stringify(named) } }));
    await one.note(auditOf('elsewhere', { after: named as object }));
    const wanted = auditOf('wanted');
    await one.note(wanted);
    for (let count = 0; count < 600; count += 1) await one.note(auditOf('elsewhere'));
    expect(await other.audit({ target: 'wanted', limit: 10 })).toEqual([wanted]);
  });

  it('answer within the time limit while it is frozen, and what they held is there after it died', async () => {
    const key = storedKey();
    await one.create(key, auditOf(key.id));
    const { revision } = await one.changes();
    server.freeze();
    await expect(one.find(key.digest)).rejects.toMatchObject({ name: 'RedisUnavailableError' });
    server.thaw();
    await server.kill();
    await expect(one.find(key.digest)).rejects.toMatchObject({ name: 'RedisUnavailableError' });
    await server.start();
    await until(() => Promise.resolve(one.get(key.id)).then(Boolean, () => false));
    expect(await one.find(key.digest)).toEqual(key);
    expect(await one.changes(revision)).toEqual({ revision, keys: [] });
  });

  it('that were lost are noticed: nobody goes on with what a process remembers', async () => {
    const { revision } = await one.changes();
    expect(revision).toBeGreaterThan(10);
    await server.restartEmpty();
    await until(() => Promise.resolve(one.changes()).then(Boolean, () => false));
    expect(await one.changes(revision)).toEqual({ revision: 0, keys: undefined });
    const key = storedKey();
    await one.create(key, auditOf(key.id));
    expect(await one.changes(revision)).toEqual({ revision: 1, keys: undefined });
  });

  it('are not made of what somebody else has put there', async () => {
    const foreign = connectRedis({ url: server.url, prefix: 'foreign' });
    const store = redisKeyStore(foreign);
    const key = storedKey();
    for (const text of ['{}', '[1]', 'nonsense', '"text"', JSON.stringify({ ...key, terms: null })]) {
      await foreign.evaluate(
        { source: "return redis.call('HSET', KEYS[1], 'k', ARGV[1])", sha: '0'.repeat(40) },
        { keys: ['{foreign}:key:all'], values: [text] },
      );
      await expect(store.get('k')).rejects.toThrow();
    }
    await foreign.close();
  });
});
