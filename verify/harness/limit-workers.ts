import { fork } from 'node:child_process';
import type { LimitOptions } from '../../src/rate-limit/index.ts';

/** What a process does: so many calls through each of several limits in Redis. */
export interface LimitJob {
  /** Where Redis is. */
  readonly url: string;
  /** The same for all processes that share the limits. */
  readonly prefix: string;
  /** Each with a name of its own. */
  readonly limits: readonly LimitOptions[];
  readonly calls: number;
  /** Milliseconds its clocks are off. */
  readonly skewMs: number;
}

/** Does each job in a process of its own, all at once, and tells how many calls passed each limit in all of them. */
export async function admittedByAll(jobs: readonly LimitJob[]): Promise<readonly number[]> {
  const counts = await Promise.all(jobs.map(admittedByOne));
  return jobs[0]?.limits.map((_, place) => counts.reduce((sum, own) => sum + (own[place] ?? Number.NaN), 0)) ?? [];
}

function admittedByOne(job: LimitJob): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('limit-process.ts', import.meta.url), [JSON.stringify(job)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (admitted: readonly number[]) => resolve(admitted));
    child.once('exit', (code) => reject(new Error(`The process ended with ${code}.`)));
  });
}
