import { createReadStream, existsSync } from 'node:fs';
import { open, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { closedEnding } from './journal.ts';
import { readJournalHeader, readJournalLine } from './journal-lines.ts';
import { isTerminal, type LedgerEntry, type LedgerStore } from './ledger.ts';
import { standing } from './process-identity.ts';
import { Unfinished } from './unfinished.ts';

export interface Replay {
  readonly folder: string;
  readonly store: LedgerStore;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a replay did. */
export interface Replayed {
  readonly journals: number;
  /** Attempts whose end nobody knows. */
  readonly recovered: number;
}

/** A writer on another host touches its journal every 20 seconds; one that has not for this long is dead. */
const silenceMs = 120_000;
const batchSize = 500;

/**
 * Brings what the journals of dead writers say into the store, ends what they left open as `crash_recovered`, and removes
 * them. Two processes may do it at once: an id is written only once.
 */
export async function replayJournals(replay: Replay): Promise<Replayed> {
  if (!existsSync(replay.folder)) return { journals: 0, recovered: 0 };
  let journals = 0;
  let recovered = 0;
  for (const names of (await journalsByWriter(replay.folder)).values()) {
    const paths = names.map((name) => join(replay.folder, name));
    // The last one is the one that is written to.
    if (!(await isDead(paths.at(-1) ?? '', replay.now))) continue;
    recovered += await replayOne(paths, replay);
    for (const path of paths) await ignoringMissing(unlink(path));
    journals += 1;
  }
  return { journals, recovered };
}

/** A writer that died while it went on in a new file has left two, which only together say what ended. */
async function journalsByWriter(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = (await readdir(folder)).filter((name) => /\.\d+\.journal(?:\.closed)?$/.test(name)).sort();
  return Map.groupBy(names, (name) => name.split('.', 1)[0] ?? '');
}

async function isDead(path: string, now: number): Promise<boolean> {
  if (path.endsWith(closedEnding)) return true;
  const identity = readJournalHeader((await ignoringMissing(firstLine(path))) ?? '');
  const state = identity === undefined ? 'unknown' : standing(identity);
  if (state !== 'unknown') return state === 'dead';
  const stats = await ignoringMissing(stat(path));
  return stats !== undefined && now - stats.mtimeMs > silenceMs;
}

async function firstLine(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    return buffer.subarray(0, bytesRead).toString('utf8').split('\n', 1)[0] ?? '';
  } finally {
    await file.close();
  }
}

async function replayOne(paths: readonly string[], { store, now }: Replay): Promise<number> {
  const unfinished = new Unfinished();
  let batch: LedgerEntry[] = [];
  for (const path of paths) {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const record = readJournalLine(line);
      if (record === undefined) continue;
      unfinished.hear(record);
      if (record.entry === 'call' || (record.entry === 'attempt' && isTerminal(record))) batch.push(record);
      if (batch.length < batchSize) continue;
      await store.write(batch);
      batch = [];
    }
  }
  const { attempts, calls } = unfinished.lost(now);
  batch.push(...attempts, ...calls);
  for (let start = 0; start < batch.length; start += batchSize) {
    await store.write(batch.slice(start, start + batchSize));
  }
  return attempts.length;
}

async function ignoringMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}
