import type { Capability } from '../core/capability.ts';
import { type Runtime, systemRuntime, type Timer } from '../core/runtime.ts';
import { Journal } from './journal.ts';
import type { LedgerStore } from './ledger.ts';
import { type LedgerNotice, LedgerWriter } from './ledger-writer.ts';
import { recordCalls } from './record-calls.ts';
import { replayJournals } from './replay-journals.ts';
import { dayMs, dayOf } from './usage-cell.ts';

export interface LedgerOptions {
  /** Where the ledger is kept; it is closed with the ledger. */
  readonly store: LedgerStore;
  /**
   * Folder of the journals, on a disk that outlives the process. Several processes may share one.
   * @default none: what the store has not taken dies with the process
   */
  readonly spool?: string;
  /** Whole days after which lines are forgotten. @default never */
  readonly retentionDays?: number;
  /**
   * What becomes of calls when the store has been down so long that no more lines can wait for it: `count` serves them
   * and counts the lines that are lost, `refuse` answers 503.
   * @default 'count'
   */
  readonly whenFull?: 'count' | 'refuse';
  /** Lines that may wait for the store, about 700 bytes each. @default 100000 */
  readonly maxPending?: number;
  /** Hears when the store fails and works again, and of what a crash left. */
  readonly onNotice?: (notice: LedgerNotice) => void;
}

/** The ledger of one gateway. */
export interface Ledger {
  /** Writes down every call that passes it. Stands behind `auth`: whom that refuses leaves no line. */
  readonly capability: Capability;
  readonly store: LedgerStore;
  /** Everything that was written down so far is in the store, unless that is down: then false. */
  flush(): Promise<boolean>;
  /** Ends it: what the store does not take within `mayWait` milliseconds (2000) stays in the journal for the next start. */
  close(mayWait?: number): Promise<void>;
}

const scanMs = 5000;
const touchMs = 20_000;
const pruneMs = 3_600_000;
const pruneBatch = 1000;

/** @throws ConfigurationError when the folder of the journals cannot be written to */
export function createLedger(options: LedgerOptions, runtime: Runtime = systemRuntime): Ledger {
  const { store, spool, retentionDays, whenFull = 'count', maxPending, onNotice } = options;
  const writerId = runtime.newId().replaceAll('-', '').slice(0, 20);
  const journal = spool === undefined ? undefined : new Journal(spool, writerId);
  const writer = new LedgerWriter({
    store,
    runtime,
    journal,
    ...(maxPending !== undefined && { maxPending }),
    ...(onNotice !== undefined && { onNotice }),
  });
  const replay = async (): Promise<void> => {
    if (spool === undefined) return;
    const { recovered } = await replayJournals({ folder: spool, store, now: Math.round(runtime.wallTime()) });
    if (recovered > 0) {
      onNotice?.({
        level: 'warn',
        message: `A process died with ${recovered} attempts under way: see crash_recovered.`,
      });
    }
  };
  const chores = [
    ...(journal === undefined
      ? []
      : [repeat(runtime, scanMs, replay), repeat(runtime, touchMs, async () => journal.touch(runtime.wallTime()))]),
    ...(retentionDays === undefined
      ? []
      : [repeat(runtime, pruneMs, (going) => prune(store, runtime.wallTime() - retentionDays * dayMs, going))]),
  ];
  return {
    store,
    capability: recordCalls({
      writer,
      writerId,
      whenFull,
      onFault: () => onNotice?.({ level: 'error', message: 'A line of the usage ledger could not be made.' }),
    }),
    flush: () => writer.flush(),
    async close(mayWait = 2000) {
      const chored = Promise.all(chores.map((chore) => chore.stop()));
      await writer.close(mayWait);
      // A database that hangs is not waited for: what it lacks is in the journal.
      await within(
        runtime,
        mayWait,
        chored.then(() => store.close()),
      );
    },
  };
}

/** In small batches, so that writing is never held up for long. */
async function prune(store: LedgerStore, before: number, going: () => boolean): Promise<void> {
  while (going() && (await store.prune(dayOf(before), pruneBatch)) > 0);
}

async function within(runtime: Runtime, milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: tooLong, resolve } = Promise.withResolvers<void>();
  const timer = runtime.after(milliseconds, resolve);
  await Promise.race([work, tooLong]);
  timer.cancel();
}

interface Chore {
  stop(): Promise<void>;
}

/** Does the work at once and again and again. What fails is tried again the next time: the writer says that the store is down. */
function repeat(runtime: Runtime, everyMs: number, work: (going: () => boolean) => Promise<void>): Chore {
  let timer: Timer | undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const turn = (): void => {
    running = work(() => !stopped)
      .catch(() => {})
      .then(() => {
        if (!stopped) timer = runtime.after(everyMs, turn);
      });
  };
  turn();
  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
