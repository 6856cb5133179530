import { describe, expect, it } from '@jest/globals';
import { memoryLedgerStore } from '../../src/stores/memory/ledger-store.ts';
import { ledgerHistory } from '../../src/stores/redis/budget-history.ts';
import { settledAttempt } from '../../verify/harness/ledger-lines.ts';

const quarter = 900_000;
const at = 2_000_000 * quarter;

describe('the ledger as history of spending', () => {
  it('adds up what a scope has spent since a date, quarters of an hour counted whole', async () => {
    const ledger = memoryLedgerStore();
    await ledger.write([
      settledAttempt({ id: '1', user: 'ana', nanoUsd: 100, at }),
      settledAttempt({ id: '2', user: 'ana', nanoUsd: 20, at: at + quarter }),
      settledAttempt({ id: '3', user: 'ben', nanoUsd: 3, at: at + quarter }),
    ]);
    const history = ledgerHistory(ledger);
    expect(await history.spentSince({ scope: 'user', value: 'ana' }, at)).toBe(120);
    expect(await history.spentSince({ scope: 'user', value: 'ana' }, at + quarter - 1)).toBe(120);
    expect(await history.spentSince({ scope: 'user', value: 'ana' }, at + quarter)).toBe(20);
    expect(await history.spentSince({ scope: 'user', value: 'eve' }, at)).toBe(0);
    expect(await history.spentSince({ scope: 'global', value: 'all' }, at)).toBe(123);
    expect(await history.spentSince({ scope: 'key', value: 'check' }, at)).toBe(123);
    expect(await history.spentSince({ scope: 'model', value: 'chat' }, at)).toBe(123);
  });

  it('counts callers without a name for those whom budgets call anonymous', async () => {
    const ledger = memoryLedgerStore();
    const line = settledAttempt({ id: '1', user: 'ana', nanoUsd: 100, at });
    await ledger.write([
      { ...line, user: null },
      { ...line, attemptId: '2', user: 'anonymous' },
      { ...line, attemptId: '3' },
    ]);
    expect(await ledgerHistory(ledger).spentSince({ scope: 'user', value: 'anonymous' }, at)).toBe(200);
    expect(await ledgerHistory(ledger).spentSince({ scope: 'team', value: 'anonymous' }, at)).toBe(300);
  });
});
