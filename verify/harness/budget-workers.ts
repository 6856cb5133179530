import { type ChildProcess, fork } from 'node:child_process';
import type { BudgetCounter, BudgetStore } from '../../src/cost-guard/budget-store.ts';
import { doBudgetJob } from './budget-calls.ts';
import type { BudgetStorePlan } from './budget-stores.ts';

/** What a process does: calls that come at once, each of which reserves, waits and settles. */
export interface BudgetJob {
  readonly seed: number;
  readonly calls: number;
  /** Each caller comes again until so many milliseconds are over. */
  readonly lastsMs?: number;
  readonly counters: readonly BudgetCounter[];
  /** Periods that a call may fall into; there is one counter then. */
  readonly slices?: readonly number[];
  readonly most: number;
  readonly least: number;
  readonly leaseMs: number;
  /** Calls take up to so many milliseconds. */
  readonly holdMs: number;
  /** Callers wait up to so many milliseconds before they come. */
  readonly pauseMs?: number;
  /** Whether a call that was not admitted is made again until it is. @default false */
  readonly insists?: boolean;
  /** Whether a call uses all it has reserved, or some of it. */
  readonly uses: 'all' | 'some';
}

export interface BudgetReport {
  readonly admitted: number;
  readonly refused: number;
  /** Calls that the store did not answer. */
  readonly unavailable: number;
  /** The longest a call waited for its admission. */
  readonly longestMs: number;
  /** What was settled, by counter, or by slice where a job has several. */
  readonly spent: readonly number[];
}

/** Processes that share a store of budgets. */
export interface BudgetWorkers {
  /** Gives the first so many processes a job, and waits for all of them. @default all */
  work(job: (worker: number) => BudgetJob, count?: number): Promise<readonly BudgetReport[]>;
  /** Gives one process a job. */
  workOne(worker: number, job: BudgetJob): Promise<BudgetReport>;
  /** As if the process had been struck by lightning; another takes its place. */
  kill(worker: number): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when all processes are ready. */
export async function startBudgetWorkers(plan: BudgetStorePlan, count: number): Promise<BudgetWorkers> {
  const children = await Promise.all(Array.from({ length: count }, () => startProcess(plan)));
  const workOne = (worker: number, job: BudgetJob): Promise<BudgetReport> => {
    const report = answerOf<BudgetReport>(childAt(children, worker));
    childAt(children, worker).send(job);
    return report;
  };
  return {
    work: (job, most = count) => Promise.all(children.slice(0, most).map((_, worker) => workOne(worker, job(worker)))),
    workOne,
    async kill(worker) {
      await ended(childAt(children, worker), (child) => child.kill('SIGKILL'));
      children[worker] = await startProcess(plan);
    },
    async stop() {
      await Promise.all(children.map((child) => ended(child, () => child.connected && child.disconnect())));
    },
  };
}

/** One process after all: this one. For stores that cannot be shared. */
export function workHere(store: BudgetStore): BudgetWorkers {
  let jobs = 0;
  const workOne = (_: number, job: BudgetJob): Promise<BudgetReport> => {
    jobs += 1;
    return doBudgetJob(store, job, `here-${jobs}`);
  };
  return {
    work: async (job) => [await workOne(0, job(0))],
    workOne,
    kill: async () => {
      throw new Error('This process cannot be killed.');
    },
    stop: async () => {},
  };
}

async function startProcess(plan: BudgetStorePlan): Promise<ChildProcess> {
  const child = fork(new URL('budget-process.ts', import.meta.url), [JSON.stringify(plan)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await answerOf<'ready'>(child);
  return child;
}

function childAt(children: readonly ChildProcess[], worker: number): ChildProcess {
  const child = children[worker];
  if (child === undefined) throw new RangeError(`There is no process ${worker}.`);
  return child;
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('The process ended.'));
    child.once('exit', onExit);
    child.once('message', (answer: Answer) => {
      child.off('exit', onExit);
      resolve(answer);
    });
  });
}

async function ended(child: ChildProcess, end: (child: ChildProcess) => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  end(child);
  await gone;
}
