import { describe, expect, it } from '@jest/globals';
import { memoryLedgerStore } from '../../src/stores/memory/ledger-store.ts';
import { callEntry, totalOf } from '../usage/support.ts';
import { ledgerConformance } from './ledger-conformance.ts';

ledgerConformance('memory', { open: async () => memoryLedgerStore(), keepsRows: false });

describe('memory ledger', () => {
  it('is bounded: the oldest quarters of an hour go first', async () => {
    const store = memoryLedgerStore({ maxCells: 100 });
    for (let index = 0; index < 1000; index += 1) {
      await store.write([callEntry({ callId: `w-${index}`, user: `user-${index}`, endedAt: index * 900_000 })]);
    }
    const { requests } = await totalOf(store);
    expect(requests).toBeGreaterThanOrEqual(90n);
    expect(requests).toBeLessThanOrEqual(100n);
  });
});
