import { afterAll, beforeAll } from '@jest/globals';
import { redisBudgetStore } from '../../src/stores/redis/budget-store.ts';
import { connectRedis } from '../../src/stores/redis/redis-connection.ts';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';
import { describeBudgetStore } from './budget-conformance.ts';

let suites = 0;

describeWith('Redis', 'budgets in Redis', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describeBudgetStore('Redis', () => {
    suites += 1;
    const connections = [1, 2].map(() =>
      connectRedis({ url: server.url, prefix: `suite-${suites}`, commandTimeout: '5s' }),
    );
    const [one, two] = connections.map((connection) => redisBudgetStore(connection));
    if (one === undefined) throw new Error('There is no store.');
    return {
      store: one,
      ...(two === undefined ? {} : { other: two }),
      pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      close: async () => {
        await Promise.all(connections.map((connection) => connection.close()));
      },
    };
  });
});
