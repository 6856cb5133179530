import { afterAll, beforeAll } from '@jest/globals';
import { postgresBudgetStore } from '../../src/stores/postgres/budget-store.ts';
import { describeWith, startPostgres, type TestServer } from '../support/servers.ts';
import { describeBudgetStore } from './budget-conformance.ts';
import { emptyDatabase } from './budget-servers.ts';

describeWith('PostgreSQL', 'budgets in PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describeBudgetStore('PostgreSQL', async () => {
    const url = await emptyDatabase(server);
    const open = () => postgresBudgetStore({ url, commandTimeoutMs: 5_000 });
    const [store, other] = [open(), open()];
    return {
      store,
      other,
      pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      async close() {
        await store.close?.();
        await other.close?.();
      },
    };
  });
});
