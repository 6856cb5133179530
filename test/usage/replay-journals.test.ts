import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { Journal } from '../../src/usage/journal.ts';
import { type JournalRecord, journalHeader, journalLine, readJournalLine } from '../../src/usage/journal-lines.ts';
import type { LedgerEntry, LedgerStore } from '../../src/usage/ledger.ts';
import { ownIdentity, type ProcessIdentity } from '../../src/usage/process-identity.ts';
import { replayJournals } from '../../src/usage/replay-journals.ts';
import { attemptEntry, callEntry, noon, totalOf } from './support.ts';

const reserve = (id: string) => attemptEntry({ attemptId: id, phase: 'reserve', status: null, costNanoUsd: null });
/** No process of ours: pids are smaller. */
const dead: ProcessIdentity = { host: hostname(), pid: 2 ** 30, started: '1' };
const now = noon + 60_000;

let folder: string;
let store: LedgerStore;
let written: LedgerEntry[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const kept = sqlLedgerStore(openSqlite({ path: ':memory:' }));
  written = [];
  store = {
    ...kept,
    async write(entries) {
      written.push(...entries);
      await kept.write(entries);
    },
  };
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function leave(name: string, records: readonly JournalRecord[], identity = dead, end = ''): void {
  writeFileSync(join(folder, name), `${journalHeader(identity)}${records.map(journalLine).join('')}${end}`);
}

const replay = () => replayJournals({ folder, store, now });

describe('journals of dead processes', () => {
  it('CG-24: are brought into the store, and what they left open ends as crash_recovered, once', async () => {
    const records = [
      reserve('w-1-1'),
      attemptEntry({ attemptId: 'w-1-1' }),
      callEntry({ callId: 'w-1' }),
      reserve('w-2-1'),
      reserve('w-3-1'),
      attemptEntry({ attemptId: 'w-3-1', status: 'upstream_error' }),
      reserve('w-3-2'),
    ];
    leave('w.000001.journal', records);
    expect(await replay()).toEqual({ journals: 1, recovered: 2 });
    expect(readdirSync(folder)).toEqual([]);
    expect(await totalOf(store)).toMatchObject({ requests: 3n, attempts: 4n, errors: 2n, unpriced: 2n });
    const lost = written.filter((entry) => entry.entry === 'attempt' && entry.phase === 'crash_recovered');
    expect(lost).toEqual([
      { ...reserve('w-2-1'), phase: 'crash_recovered', usageSource: 'none', at: now },
      { ...reserve('w-3-2'), phase: 'crash_recovered', usageSource: 'none', at: now },
    ]);
    // The same once more, as when two processes start at once.
    leave('w.000001.journal', records);
    await replay();
    expect(await totalOf(store)).toMatchObject({ requests: 3n, attempts: 4n });
  });

  it('a line that was cut off by the death is as if it had never been begun', async () => {
    const cut = journalLine(attemptEntry({ attemptId: 'w-1-1' })).slice(0, 60);
    leave('w.000001.journal', [reserve('w-1-1')], dead, cut);
    expect(await replay()).toEqual({ journals: 1, recovered: 1 });
  });

  it('two files of one writer are read together', async () => {
    leave('w.000009.journal', [reserve('w-1-1'), reserve('w-2-1')]);
    leave('w.000010.journal', [
      { entry: 'open', attempt: reserve('w-1-1') },
      attemptEntry({ attemptId: 'w-1-1' }),
      callEntry({ callId: 'w-1' }),
    ]);
    expect(await replay()).toEqual({ journals: 1, recovered: 1 });
    expect(await totalOf(store)).toMatchObject({ requests: 2n, attempts: 2n, costNanoUsd: 4_500_000n });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('an attempt that ended after its call makes no second call', async () => {
    leave('w.000001.journal', [
      reserve('w-1-1'),
      callEntry({ callId: 'w-1', status: 'client_abort' }),
      attemptEntry({ attemptId: 'w-1-1', status: 'client_abort' }),
    ]);
    expect(await replay()).toEqual({ journals: 1, recovered: 0 });
    expect(await totalOf(store)).toMatchObject({ requests: 1n, attempts: 1n, errors: 0n });
  });

  it('those of living processes are left alone: ours, and another that runs', async () => {
    const journal = new Journal(folder, 'ours');
    leave('parent.000001.journal', [reserve('p-1-1')], { ...ownIdentity() });
    expect(await replay()).toEqual({ journals: 0, recovered: 0 });
    journal.close('empty');
    expect(readdirSync(folder)).toEqual(['parent.000001.journal']);
  });

  it('a process that has the pid of a dead one is another: in a container every process is number 1', async () => {
    leave('w.000001.journal', [reserve('w-1-1')], { ...ownIdentity(), started: '12' });
    expect(await replay()).toEqual({ journals: 1, recovered: 1 });
  });

  it('on another host a writer is dead when its journal has been silent for two minutes', async () => {
    leave('w.000001.journal', [reserve('w-1-1')], { host: 'elsewhere', pid: 1, started: '1' });
    const path = join(folder, 'w.000001.journal');
    utimesSync(path, (now - 119_000) / 1000, (now - 119_000) / 1000);
    expect(await replay()).toEqual({ journals: 0, recovered: 0 });
    utimesSync(path, (now - 121_000) / 1000, (now - 121_000) / 1000);
    expect(await replay()).toEqual({ journals: 1, recovered: 1 });
  });

  it('one that its writer has closed is anybody\u0027s', async () => {
    const journal = new Journal(folder, 'w');
    journal.append(callEntry({ callId: 'w-1' }));
    journal.close('needed');
    expect(await replay()).toEqual({ journals: 1, recovered: 0 });
    expect(await totalOf(store)).toMatchObject({ requests: 1n });
  });

  it('stay where they are while the store is down', async () => {
    leave('w.000001.journal', [callEntry({ callId: 'w-1' })]);
    const down = { ...store, write: async () => Promise.reject(new Error('down')) };
    await expect(replayJournals({ folder, store: down, now })).rejects.toThrow('down');
    expect(existsSync(join(folder, 'w.000001.journal'))).toBe(true);
  });

  it('other files in the folder are nobody\u0027s journal', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    writeFileSync(join(folder, 'w.000001.journal'), 'no header');
    expect(await replay()).toEqual({ journals: 0, recovered: 0 });
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'w.000001.journal']);
  });

  it.each(['', '[]', '["a"]', '["c",1]', '{}', 'null', '["x",1,2]', '[['])('the line %j says nothing', (line) => {
    expect(readJournalLine(line)).toBeUndefined();
  });
});
