import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteBudgetStore } from '../../src/stores/sqlite/budget-store.ts';
import { describeBudgetStore } from './budget-conformance.ts';

describeBudgetStore('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'budgets-'));
  const open = () => sqliteBudgetStore({ path: join(folder, 'budgets.db'), commandTimeoutMs: 5_000 });
  const [store, other] = [open(), open()];
  return {
    store,
    other,
    pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    async close() {
      await store.close?.();
      await other.close?.();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
