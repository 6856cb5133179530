import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { systemRuntime } from '../../src/core/runtime.ts';
import { openPostgres } from '../../src/stores/postgres/open-postgres.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { Journal } from '../../src/usage/journal.ts';
import { LedgerWriter } from '../../src/usage/ledger-writer.ts';
import { replayJournals } from '../../src/usage/replay-journals.ts';
import { checkLedgerInvariants } from '../support/ledger-invariants.ts';
import { describeWith, startPostgres, type TestServer } from '../support/servers.ts';
import { attemptEntry, callEntry } from '../usage/support.ts';

describeWith('PostgreSQL', 'a ledger whose PostgreSQL goes away', () => {
  let server: TestServer;
  let folder: string;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'outage-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = () => openPostgres({ url: server.url, connectTimeoutMs: 300, statementTimeoutMs: 300 });

  it.each([
    ['is killed', () => server.kill(), () => server.start()],
    ['hangs', async () => server.freeze(), async () => server.thaw()],
  ])('keeps everything when the server %s, and catches up when it is back', async (how, away, back) => {
    const engine = open();
    const store = sqlLedgerStore(engine);
    const notices: string[] = [];
    const writer = new LedgerWriter({
      store,
      runtime: systemRuntime,
      journal: new Journal(folder, `w-${how.length}`),
      onNotice: ({ message }) => notices.push(message),
    });
    const count = 300;
    for (let index = 0; index < count; index += 1) {
      if (index === 100) await away();
      writer.append(attemptEntry({ attemptId: `${how}-${index}-1`, costNanoUsd: 1 }));
      writer.append(callEntry({ callId: `${how}-${index}` }));
      if (index === 150) expect(await writer.flush()).toBe(false);
    }
    await back();
    while (!(await writer.flush()));
    await writer.close(1000);
    const { calls } = await checkLedgerInvariants(engine);
    expect(calls.filter((row) => String(row.call_id).startsWith(how))).toHaveLength(count);
    expect(notices[0]).toContain('usage is kept in the journal meanwhile');
    expect(notices.at(-1)).toBe('The usage ledger is written again.');
    expect(readdirSync(folder)).toEqual([]);
    await store.close();
  });

  it('leaves what the server never got to the next process', async () => {
    const engine = open();
    const store = sqlLedgerStore(engine);
    await server.kill();
    const writer = new LedgerWriter({ store, runtime: systemRuntime, journal: new Journal(folder, 'next') });
    writer.append(attemptEntry({ attemptId: 'next-1-1' }));
    writer.append(callEntry({ callId: 'next-1' }));
    await writer.close(500);
    await server.start();
    expect(await replayJournals({ folder, store, now: Date.now() })).toEqual({ journals: 1, recovered: 0 });
    const { calls } = await checkLedgerInvariants(engine);
    expect(calls.filter((row) => row.call_id === 'next-1')).toHaveLength(1);
    await store.close();
  });
});
