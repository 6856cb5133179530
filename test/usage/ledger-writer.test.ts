import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Journal } from '../../src/usage/journal.ts';
import { readJournalLine } from '../../src/usage/journal-lines.ts';
import type { LedgerEntry, LedgerStore } from '../../src/usage/ledger.ts';
import { type LedgerNotice, LedgerWriter } from '../../src/usage/ledger-writer.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';
import { attemptEntry, callEntry } from './support.ts';

/** A store that keeps what it is given, and fails as long as it is told to. */
class ListStore implements LedgerStore {
  readonly batches: (readonly LedgerEntry[])[] = [];
  down = false;
  tries = 0;

  async write(entries: readonly LedgerEntry[]): Promise<void> {
    this.tries += 1;
    if (this.down) throw Object.assign(new Error('secret://password@host'), { code: 'ECONNREFUSED' });
    this.batches.push(entries);
  }

  get entries(): readonly LedgerEntry[] {
    return this.batches.flat();
  }

  totals = async () => [];
  prune = async () => 0;
  close = async () => {};
}

const reserve = (id: string) => attemptEntry({ attemptId: id, phase: 'reserve', status: null, costNanoUsd: null });
const settled = () => new Promise((resolve) => setImmediate(resolve));

let folder: string;
let store: ListStore;
let runtime: ManualRuntime;
let notices: LedgerNotice[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  store = new ListStore();
  runtime = manualRuntime();
  notices = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writer(options: { readonly maxPending?: number; readonly journal?: Journal } = {}): LedgerWriter {
  return new LedgerWriter({ store, runtime, onNotice: (notice) => notices.push(notice), ...options });
}

const journalText = () =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('');

describe('ledger writer', () => {
  it('writes what comes within a tenth of a second in one batch', async () => {
    const ledger = writer();
    ledger.append(callEntry({ callId: 'w-1' }));
    runtime.advance(99);
    ledger.append(callEntry({ callId: 'w-2' }));
    expect(store.batches).toHaveLength(0);
    runtime.advance(1);
    await settled();
    expect(store.batches.map((batch) => batch.length)).toEqual([2]);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('writes the reservation of an attempt only when the attempt is still under way', async () => {
    const ledger = writer();
    ledger.append(reserve('w-1-1'));
    ledger.append(attemptEntry({ attemptId: 'w-1-1' }));
    ledger.append(reserve('w-2-1'));
    await ledger.flush();
    ledger.append(attemptEntry({ attemptId: 'w-2-1' }));
    await ledger.flush();
    expect(store.entries.map((entry) => (entry.entry === 'attempt' ? [entry.attemptId, entry.phase] : []))).toEqual([
      ['w-1-1', 'settle'],
      ['w-2-1', 'reserve'],
      ['w-2-1', 'settle'],
    ]);
  });

  it('keeps everything while the store is down, tries less and less often, and says so once', async () => {
    const ledger = writer();
    store.down = true;
    for (let index = 0; index < 1200; index += 1) {
      ledger.append(callEntry({ callId: `w-${index}` }));
      runtime.advance(50);
      await settled();
    }
    expect(store.tries).toBeLessThan(25);
    expect(notices).toEqual([
      {
        level: 'error',
        message: 'The usage ledger cannot be written (ECONNREFUSED): usage is kept in memory meanwhile.',
      },
    ]);
    store.down = false;
    runtime.advance(5000);
    await settled();
    await settled();
    expect(store.entries.map((entry) => entry.callId)).toEqual(
      Array.from({ length: 1200 }, (_, index) => `w-${index}`),
    );
    expect(notices[1]).toEqual({ level: 'info', message: 'The usage ledger is written again.' });
  });

  it('is bounded: what comes when too much waits is counted', async () => {
    const ledger = writer({ maxPending: 3 });
    store.down = true;
    for (let index = 0; index < 5; index += 1) ledger.append(callEntry({ callId: `w-${index}` }));
    expect([ledger.full, ledger.lost]).toEqual([true, 2]);
    expect(notices).toMatchObject([{ level: 'error', message: expect.stringContaining('has lost 1 lines') }]);
    store.down = false;
    expect(await ledger.flush()).toBe(true);
    expect([ledger.full, store.entries.length]).toEqual([false, 3]);
  });

  it('has each line in the journal before it returns', () => {
    const ledger = writer({ journal: new Journal(folder, 'w') });
    ledger.append(reserve('w-1-1'));
    expect(readJournalLine(journalText().split('\n')[1] ?? '')).toEqual(reserve('w-1-1'));
    ledger.append(callEntry({ callId: 'w-1' }));
    expect(readJournalLine(journalText().split('\n')[2] ?? '')).toEqual(callEntry({ callId: 'w-1' }));
  });

  it('leaves no journal behind when everything is in the store', async () => {
    const ledger = writer({ journal: new Journal(folder, 'w') });
    ledger.append(callEntry({ callId: 'w-1' }));
    await ledger.close(1000);
    expect(readdirSync(folder)).toEqual([]);
    expect(store.entries).toHaveLength(1);
  });

  it('leaves its journal to the next process when the store is down at the end', async () => {
    const ledger = writer({ journal: new Journal(folder, 'w') });
    store.down = true;
    ledger.append(callEntry({ callId: 'w-1' }));
    await ledger.close(1000);
    expect(readdirSync(folder)).toEqual(['w.000001.journal.closed']);
  });

  it('waits at the end no longer than it may for a store that does not answer', async () => {
    const ledger = writer({ journal: new Journal(folder, 'w') });
    store.write = () => new Promise(() => {});
    ledger.append(callEntry({ callId: 'w-1' }));
    const closed = ledger.close(500);
    await settled();
    runtime.advance(500);
    await closed;
    expect(readdirSync(folder)).toEqual(['w.000001.journal.closed']);
  });

  it('goes on in a new journal when the old one is long, and takes along what is open', async () => {
    const ledger = writer({ journal: new Journal(folder, 'w') });
    ledger.append(reserve('w-0-1'));
    ledger.append(reserve('w-1-1'));
    ledger.append(attemptEntry({ attemptId: 'w-1-1' }));
    for (let index = 2; index < 20_000; index += 1) {
      ledger.append(callEntry({ callId: `w-${index}` }));
      if (index % 2000 === 0) await ledger.flush();
    }
    await ledger.flush();
    expect(readdirSync(folder)).toHaveLength(1);
    const lines = journalText().trim().split('\n').slice(1).map(readJournalLine);
    expect(lines.slice(0, 3)).toEqual([
      { entry: 'open', attempt: reserve('w-0-1') },
      { entry: 'open', attempt: reserve('w-1-1') },
      reserve('w-0-1'),
    ]);
    expect(journalText().length).toBeLessThan(5 * 1024 * 1024);
  });

  it('goes on without a journal that cannot be written, and says so once', async () => {
    const journal = new Journal(folder, 'w');
    journal.append = () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    const ledger = writer({ journal });
    ledger.append(callEntry({ callId: 'w-1' }));
    ledger.append(callEntry({ callId: 'w-2' }));
    await ledger.flush();
    expect(store.entries).toHaveLength(2);
    expect(notices).toMatchObject([
      { level: 'error', message: expect.stringContaining('a crash would now lose usage') },
    ]);
  });
});
