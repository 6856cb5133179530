import { Worker } from 'node:worker_threads';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { patience } from '../../core/patience.ts';
import type { Runtime, Timer } from '../../core/runtime.ts';
import type { SqlValue, ThreadAnswer, ThreadRequest, ThreadStart, TogetherStep } from './thread-messages.ts';

/** A parameter list that stands for many: the statement is run once for each row. */
export class EachRow {
  readonly rows: string;

  /** @param rows a JSON list of lists of parameters */
  constructor(rows: string) {
    this.rows = rows;
  }
}

/** A parameter that stands for a transaction of its own, whose statements it brings along. */
export class Together {
  readonly steps: readonly TogetherStep[];

  constructor(steps: readonly TogetherStep[]) {
    this.steps = steps;
  }
}

export interface ThreadSettings {
  readonly start: ThreadStart;
  /** Milliseconds; a thread that takes longer is ended, and what it had begun is rolled back. */
  readonly statementTimeoutMs: number;
  readonly runtime: Pick<Runtime, 'now' | 'after'>;
}

interface Waiting {
  readonly timer: Timer;
  resolve(answer: Exclude<ThreadAnswer, { error: string }>): void;
  reject(error: Error): void;
}

type WithoutId<Request> = Request extends unknown ? Omit<Request, 'id'> : never;
type Statement = WithoutId<Exclude<ThreadRequest, { kind: 'close' }>>;

/**
 * A connection to a database in a thread of its own. The thread starts with the first statement, keeps the process alive
 * only while somebody waits for an answer, and is replaced if it dies between two transactions.
 */
export class ThreadConnection implements DatabaseConnection {
  readonly #settings: ThreadSettings;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 0;
  #inTransaction = false;

  constructor(settings: ThreadSettings) {
    this.#settings = settings;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const [first] = parameters;
    const { rows, changes, changed } = await this.#send(statementOf(sql, parameters));
    const found = first instanceof EachRow ? changed.map((position) => ({ position })) : rows;
    return { rows: found as Row[], numAffectedRows: BigInt(changes) };
  }

  async begin(): Promise<void> {
    // At once for writing: a transaction that begins with reading could find later that it may not write.
    await this.#send({ kind: 'statement', sql: 'begin immediate', parameters: [] });
    this.#inTransaction = true;
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    try {
      await this.#send({ kind: 'statement', sql: how, parameters: [] });
    } finally {
      this.#inTransaction = false;
    }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for a generator
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('This connection does not stream rows.');
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    worker.ref();
    const closed = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ kind: 'close' } satisfies ThreadRequest);
    await closed;
  }

  #send(statement: Statement): Promise<Exclude<ThreadAnswer, { error: string }>> {
    return new Promise((resolve, reject) => {
      if (this.#worker === undefined && this.#inTransaction) {
        reject(new Error('The thread of the database ended in the middle of a transaction.'));
        return;
      }
      const worker = this.#worker ?? this.#startThread();
      this.#worker = worker;
      this.#next += 1;
      const { statementTimeoutMs, runtime } = this.#settings;
      const timer = patience(runtime, statementTimeoutMs, () => this.#giveUp(worker));
      this.#waiting.set(this.#next, { resolve, reject, timer });
      if (this.#waiting.size === 1) worker.ref();
      worker.postMessage({ id: this.#next, ...statement } satisfies ThreadRequest);
    });
  }

  #startThread(): Worker {
    const worker = new Worker(threadFile, { workerData: this.#settings.start });
    worker.unref();
    worker.on('message', (answer: ThreadAnswer) => this.#answered(worker, answer));
    worker.on('error', (error: Error) => this.#ended(worker, error));
    worker.on('exit', () => this.#ended(worker, new Error('The thread of the database has ended.')));
    return worker;
  }

  #answered(worker: Worker, answer: ThreadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    waiting?.timer.cancel();
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) worker.unref();
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer);
  }

  /** A statement cannot be interrupted; its thread can. */
  #giveUp(worker: Worker): void {
    this.#ended(worker, new Error('The statement took too long.'));
    // Nobody waits for it: what cannot be ended is forgotten.
    worker.terminate().catch(() => {});
  }

  #ended(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of waiting) {
      timer.cancel();
      reject(error);
    }
  }
}

function statementOf(sql: string, parameters: readonly unknown[]): Statement {
  const [first] = parameters;
  if (first instanceof EachRow) return { kind: 'each', sql, rows: first.rows };
  if (first instanceof Together) return { kind: 'together', steps: first.steps };
  return { kind: 'statement', sql, parameters: parameters.map(sqlValue) };
}

/** Beside this file, under the ending this file has: sources run as they are, and compiled. */
const threadFile = new URL(`./sqlite-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** @throws TypeError for what SQLite has no type for: node:sqlite would take an object for named parameters and store NULL */
function sqlValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite has no type for a parameter of type ${typeof value}.`);
}
