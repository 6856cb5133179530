import type { Call } from '../../src/core/call.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import type { AttemptRecord, Settlement } from '../../src/core/settlement.ts';
import { exactly, type Measure } from './measure.ts';

/** Counts what becomes of every call and attempt of a gateway, and keeps none of them in memory. */
export class Books {
  readonly capability: Capability;
  readonly attemptsByProvider = new Map<string, number>();
  calls = 0;
  settlements = 0;
  attempts = 0;
  settledAttempts = 0;
  /** Most attempts any call made. */
  mostAttempts = 0;
  /** Calls whose attempts were answered more than once: the caller would pay twice. */
  paidTwice = 0;
  /** Calls or attempts that settled a second time, or with a record that is not complete. */
  badRecords = 0;
  readonly #seen = new WeakSet<object>();

  constructor() {
    this.capability = {
      name: 'books',
      onHead: () => {
        this.calls += 1;
        return pass;
      },
      onAttempt: (_call, attempt) => this.#started(attempt),
      onAttemptSettled: (_call, attempt) => this.#attemptSettled(attempt),
      onSettled: (call, settlement) => this.#settled(call, settlement),
    };
  }

  attemptsAt(provider: string): number {
    return this.attemptsByProvider.get(provider) ?? 0;
  }

  /** What must hold whenever nothing is under way: one settlement per call, one complete record per attempt. */
  invariants(): readonly Measure[] {
    const difference = Math.abs(this.calls - this.settlements) + Math.abs(this.attempts - this.settledAttempts);
    return [
      exactly({ name: 'calls and attempts without a settlement, or with too many', value: difference, bound: 0 }),
      exactly({ name: 'duplicate or incomplete records', value: this.badRecords, bound: 0 }),
      exactly({ name: 'calls paid twice', value: this.paidTwice, bound: 0 }),
    ];
  }

  #started(attempt: AttemptRecord): void {
    this.attempts += 1;
    this.attemptsByProvider.set(attempt.provider, this.attemptsAt(attempt.provider) + 1);
  }

  #attemptSettled(attempt: AttemptRecord): void {
    this.settledAttempts += 1;
    if (this.#seen.has(attempt) || !isComplete(attempt)) this.badRecords += 1;
    this.#seen.add(attempt);
  }

  #settled(call: Call, { attempts }: Settlement): void {
    this.settlements += 1;
    if (this.#seen.has(call) || !attempts.every(isComplete)) this.badRecords += 1;
    if (new Set(attempts.map(({ id }) => id)).size !== attempts.length) this.badRecords += 1;
    this.#seen.add(call);
    this.mostAttempts = Math.max(this.mostAttempts, attempts.length);
    if (attempts.filter(({ status }) => status === 'ok').length > 1) this.paidTwice += 1;
  }
}

function isComplete({ status, endedAt, usageSource }: AttemptRecord): boolean {
  return status !== undefined && endedAt !== undefined && usageSource !== undefined;
}
