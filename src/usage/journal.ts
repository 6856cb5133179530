import { closeSync, mkdirSync, openSync, renameSync, unlinkSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../core/errors.ts';
import { type JournalRecord, journalHeader, journalLine } from './journal-lines.ts';
import { ownIdentity } from './process-identity.ts';

/** Files are named `{writer}.{number}.journal`, and `{writer}.{number}.journal.closed` when nobody writes to them any more. */
export const journalEnding = '.journal';
export const closedEnding = '.closed';

/**
 * A file of this writer alone, to which lines are added before what they speak of goes on. A line that was written
 * survives the death of the process (not that of the machine: nothing waits for the disk).
 */
export class Journal {
  readonly #folder: string;
  readonly #name: string;
  #segment = 1;
  #file: number;
  #bytes = 0;
  #closed = false;

  /**
   * @param name unique over all writers
   * @throws ConfigurationError when the folder cannot be written to
   */
  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    try {
      mkdirSync(folder, { recursive: true });
      this.#file = this.#open();
    } catch (thrown) {
      throw new ConfigurationError(`"storage.spool": the folder ${folder} cannot be written to (${codeOf(thrown)})`);
    }
  }

  /** Bytes of the present file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws what the file system throws, e.g. for a full disk */
  append(record: JournalRecord): void {
    if (this.#closed) return;
    this.#bytes += writeSync(this.#file, journalLine(record));
  }

  /** Goes on in a new file that says only what is still needed, and drops the old one. */
  restart(records: readonly JournalRecord[]): void {
    const old = this.#file;
    const oldPath = this.#path();
    this.#segment += 1;
    this.#file = this.#open();
    this.#bytes += writeSync(this.#file, records.map(journalLine).join(''));
    closeSync(old);
    unlinkSync(oldPath);
  }

  /** Tells other hosts, which cannot see this process, that it lives. */
  touch(time: number): void {
    if (!this.#closed) utimesSync(this.#path(), time / 1000, time / 1000);
  }

  /** `empty`: everything in it is in the database. Otherwise whoever comes next replays it. */
  close(content: 'empty' | 'needed'): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
    if (content === 'empty') unlinkSync(this.#path());
    else renameSync(this.#path(), `${this.#path()}${closedEnding}`);
  }

  #open(): number {
    const file = openSync(this.#path(), 'ax', 0o600);
    this.#bytes = writeSync(file, journalHeader(ownIdentity()));
    return file;
  }

  #path(): string {
    return join(this.#folder, `${this.#name}.${String(this.#segment).padStart(6, '0')}${journalEnding}`);
  }
}

function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : 'unknown reason';
}
