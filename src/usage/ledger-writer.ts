import type { Runtime, Timer } from '../core/runtime.ts';
import type { Journal } from './journal.ts';
import type { JournalRecord } from './journal-lines.ts';
import { type AttemptEntry, isTerminal, type LedgerEntry, type LedgerStore } from './ledger.ts';

export interface LedgerWriterSettings {
  readonly store: LedgerStore;
  readonly runtime: Runtime;
  /** Where lines stand until the store has them; without one they stand in memory alone. */
  readonly journal?: Journal | undefined;
  /** Lines that may wait for the store. @default 100000 */
  readonly maxPending?: number;
  /** Hears when the store fails, works again, or lines are lost. */
  readonly onNotice?: (notice: LedgerNotice) => void;
}

export interface LedgerNotice {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** Milliseconds lines wait for others to be written with. */
const gatherMs = 100;
const batchSize = 500;
const longestPauseMs = 5000;
/** Bytes after which a journal goes on in a new file. */
const longJournal = 4 * 1024 * 1024;

/** Takes the lines of the ledger, into the journal at once and into the store in batches. */
export class LedgerWriter {
  readonly #settings: LedgerWriterSettings;
  readonly #maxPending: number;
  readonly #openAttempts = new Map<string, AttemptEntry>();
  readonly #openCalls = new Map<string, AttemptEntry>();
  #pending: LedgerEntry[] = [];
  #timer: Timer | undefined;
  #running: Promise<boolean> | undefined;
  #failures = 0;
  #lost = 0;
  #journalFails = false;

  constructor(settings: LedgerWriterSettings) {
    this.#settings = settings;
    this.#maxPending = settings.maxPending ?? 100_000;
  }

  /** True when no more lines can wait: what comes now is only counted. */
  get full(): boolean {
    return this.#pending.length >= this.#maxPending;
  }

  /** Lines that were dropped because too many waited. */
  get lost(): number {
    return this.#lost;
  }

  append(entry: LedgerEntry): void {
    if (this.#settings.journal !== undefined) this.#keepOpen(entry);
    if (this.full) {
      this.#lose();
      return;
    }
    this.#record(entry);
    this.#pending.push(entry);
    if (this.#timer === undefined && this.#running === undefined) this.#schedule();
  }

  /** Writes everything that waits. False when the store does not take it. */
  async flush(): Promise<boolean> {
    // What came while a batch was under way is not in it.
    await this.#running;
    return this.#drain();
  }

  /** @param mayWait milliseconds the store may take for what still waits */
  async close(mayWait: number): Promise<void> {
    const { promise: tooLong, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#settings.runtime.after(mayWait, () => resolve(false));
    await Promise.race([this.flush(), tooLong]);
    timer.cancel();
    this.#timer?.cancel();
    this.#timer = undefined;
    const nothingLeft = this.#pending.length === 0 && this.#openAttempts.size === 0 && this.#openCalls.size === 0;
    this.#settings.journal?.close(nothingLeft ? 'empty' : 'needed');
  }

  /** What has begun, so that a new journal can say it again. */
  #keepOpen(entry: LedgerEntry): void {
    if (entry.entry === 'call') {
      this.#openCalls.delete(entry.callId);
    } else if (isTerminal(entry)) {
      this.#openAttempts.delete(entry.attemptId);
    } else {
      this.#openAttempts.set(entry.attemptId, entry);
      this.#openCalls.set(entry.callId, entry);
    }
  }

  #record(entry: LedgerEntry): void {
    try {
      this.#settings.journal?.append(entry);
      this.#journalFails = false;
    } catch {
      if (!this.#journalFails) {
        this.#notice('error', 'The journal of the usage ledger cannot be written: a crash would now lose usage.');
      }
      this.#journalFails = true;
    }
  }

  #lose(): void {
    this.#lost += 1;
    if (this.#lost === 1 || this.#lost % 10_000 === 0) {
      this.#notice('error', `The usage ledger has lost ${this.#lost} lines: more than ${this.#maxPending} wait.`);
    }
  }

  #schedule(): void {
    const pause = this.#failures === 0 ? gatherMs : Math.min(gatherMs * 2 ** this.#failures, longestPauseMs);
    this.#timer = this.#settings.runtime.after(pause, () => {
      this.#timer = undefined;
      void this.#drain();
    });
  }

  #drain(): Promise<boolean> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#pending.length > 0 && this.#timer === undefined) this.#schedule();
    });
    return this.#running;
  }

  async #run(): Promise<boolean> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, batchSize);
      try {
        await this.#settings.store.write(withoutEndedReserves(batch));
      } catch (thrown) {
        this.#failed(thrown);
        return false;
      }
      this.#pending.splice(0, batch.length);
      this.#worked();
    }
    return true;
  }

  #failed(thrown: unknown): void {
    this.#failures += 1;
    if (this.#failures !== 1) return;
    const reason = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? ` (${String(thrown.code)})` : '';
    const kept = this.#settings.journal === undefined ? 'memory' : 'the journal';
    this.#notice('error', `The usage ledger cannot be written${reason}: usage is kept in ${kept} meanwhile.`);
  }

  #worked(): void {
    if (this.#failures > 0) this.#notice('info', 'The usage ledger is written again.');
    this.#failures = 0;
    const { journal } = this.#settings;
    if (journal === undefined || journal.bytes < longJournal || this.#pending.length > batchSize) return;
    try {
      journal.restart([...this.#stillNeeded()]);
    } catch {
      this.#notice('error', 'The journal of the usage ledger cannot go on in a new file.');
    }
  }

  *#stillNeeded(): Iterable<JournalRecord> {
    for (const attempt of this.#openCalls.values()) yield { entry: 'open', attempt };
    yield* this.#openAttempts.values();
    // What waits repeats some of the open ones: whoever reads it knows an id only once.
    yield* this.#pending;
  }

  #notice(level: LedgerNotice['level'], message: string): void {
    this.#settings.onNotice?.({ level, message });
  }
}

/** An attempt that has ended is written in one line: it says when it began. */
function withoutEndedReserves(batch: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const ended = new Set<string>();
  for (const entry of batch) if (entry.entry === 'attempt' && isTerminal(entry)) ended.add(entry.attemptId);
  return batch.filter((entry) => entry.entry === 'call' || isTerminal(entry) || !ended.has(entry.attemptId));
}
