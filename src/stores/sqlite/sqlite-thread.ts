import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { ThreadAnswer, ThreadRequest, ThreadStart, TogetherStep } from './thread-messages.ts';

/**
 * The thread that holds a database. SQLite is synchronous, waits for locks and checkpoints: here it can take its time
 * without the event loop of the gateway standing still.
 */
function serve(port: MessagePort, { path, busyTimeoutMs }: ThreadStart): void {
  const open = opener(path, busyTimeoutMs);
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = open().prepare(sql);
    // Sums may pass 2^53, where node:sqlite throws for numbers.
    statement.setReadBigInts(true);
    if (statements.size >= maxStatements) statements.clear();
    statements.set(sql, statement);
    return statement;
  };
  port.on('message', (request: ThreadRequest) => {
    if (request.kind === 'close') {
      statements.clear();
      open().close();
      port.close();
      return;
    }
    port.postMessage(answer(request, prepare));
  });
}

const maxStatements = 100;

/** Opens the database when it is first needed: what goes wrong is then the answer to a statement. */
function opener(path: string, busyTimeoutMs: number): () => DatabaseSync {
  let database: DatabaseSync | undefined;
  return () => {
    if (database !== undefined) return database;
    const opened = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      useWriteAheadLog(opened, busyTimeoutMs);
      opened.exec('pragma synchronous = normal');
    } catch (thrown) {
      opened.close();
      throw thrown;
    }
    database = opened;
    return opened;
  };
}

/** The switch needs the file for itself, and SQLite's busy handler does not wait for that: https://www.sqlite.org/wal.html */
function useWriteAheadLog(database: DatabaseSync, patienceMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += 10) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (thrown) {
      if (waited >= patienceMs) throw thrown;
      Atomics.wait(pause, 0, 0, 10);
    }
  }
}

type Prepare = (sql: string) => StatementSync;

function answer(request: Exclude<ThreadRequest, { kind: 'close' }>, prepare: Prepare): ThreadAnswer {
  const { id } = request;
  try {
    if (request.kind === 'each') return { id, rows: [], ...runEach(prepare(request.sql), request.rows) };
    if (request.kind === 'together') {
      return { id, rows: [], changes: runTogether(prepare, request.steps) ? 1 : 0, changed: [] };
    }
    const statement = prepare(request.sql);
    const parameters = request.parameters.map((value) => value ?? null);
    if (statement.columns().length === 0) {
      return { id, rows: [], changes: Number(statement.run(...parameters).changes), changed: [] };
    }
    return { id, rows: statement.all(...parameters).map(plainRow), changes: 0, changed: [] };
  } catch (thrown) {
    return { id, error: messageOf(thrown) };
  }
}

/** One statement for every row, and which of the rows changed something. */
function runEach(
  statement: StatementSync,
  json: string,
): { readonly count: number; readonly changes: number; readonly changed: number[] } {
  const rows: (string | number | null)[][] = JSON.parse(json);
  const changed = rows.flatMap((row, index) => (Number(statement.run(...row).changes) > 0 ? [index] : []));
  return { count: rows.length, changes: changed.length, changed };
}

/** @returns false, and nothing has changed, when a row that was to be new was there */
function runTogether(prepare: Prepare, steps: readonly TogetherStep[]): boolean {
  prepare('begin immediate').run();
  try {
    for (const { sql, rows, allNew } of steps) {
      const { changes, count } = runEach(prepare(sql), rows);
      if (!allNew || changes === count) continue;
      prepare('rollback').run();
      return false;
    }
    prepare('commit').run();
    return true;
  } catch (thrown) {
    rollBack(prepare);
    throw thrown;
  }
}

function rollBack(prepare: Prepare): void {
  try {
    prepare('rollback').run();
  } catch {
    // Some faults, a full disk among them, have ended the transaction themselves.
  }
}

/** Whole numbers as numbers where they are exact. */
function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) row[name] = Number(value);
  }
  return { ...row };
}

function messageOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown);
}

if (parentPort !== null) serve(parentPort, workerData);
