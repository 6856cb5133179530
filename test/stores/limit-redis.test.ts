import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connectRedis, redisLimitStore } from '../../src/stores/redis/index.ts';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';
import { describeLimitStore, draw, perMinute, take } from './limit-conformance.ts';

describeWith('Redis', 'limits in Redis', () => {
  let server: TestServer;
  let prefixes = 0;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });

  function connect(prefix = `test-${prefixes}`) {
    return connectRedis({ url: server.url, prefix, commandTimeout: '2s' });
  }

  describeLimitStore('Redis', () => {
    prefixes += 1;
    const connections = [connect(), connect()] as const;
    return {
      store: redisLimitStore(connections[0]),
      other: redisLimitStore(connections[1]),
      pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      async close() {
        for (const connection of connections) await connection.close();
      },
    };
  });

  it('keeps two prefixes apart', async () => {
    const connections = [connect('first'), connect('second')] as const;
    const stores = connections.map(redisLimitStore);
    for (const store of stores) expect((await store.take(take([draw('rule', perMinute(1))]))).taken).toBe(true);
    for (const store of stores) expect((await store.take(take([draw('rule', perMinute(1))]))).taken).toBe(false);
    for (const connection of connections) await connection.close();
  });

  it('goes on after a restart that has forgotten the scripts', async () => {
    const connection = connect('restart');
    const store = redisLimitStore(connection);
    expect((await store.take(take([draw('rule', perMinute(1))]))).taken).toBe(true);
    await server.restartEmpty();
    let taken = false;
    for (let trial = 0; trial < 100 && !taken; trial += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      taken = await Promise.resolve(store.take(take([draw('rule', perMinute(1))]))).then(
        (result) => result.taken,
        () => false,
      );
    }
    expect(taken).toBe(true);
    await connection.close();
  });
});
