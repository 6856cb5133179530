import type { Runtime } from '../../src/core/runtime.ts';

/** A runtime whose clock moves only when told to. */
export interface ManualRuntime extends Runtime {
  /** Moves the clock and runs what falls due, in order of time. */
  advance(milliseconds: number): void;
  /** Moves the clock as while a handler blocks the process: nothing runs, what is due is late. */
  block(milliseconds: number): void;
  /** Timers that have neither run nor been cancelled. */
  pendingTimers(): number;
}

export function manualRuntime(options: { random?: () => number; startWallTime?: number } = {}): ManualRuntime {
  let now = 0;
  let sequence = 0;
  let timers: { at: number; order: number; action: () => void }[] = [];
  return {
    now: () => now,
    wallTime: () => (options.startWallTime ?? 1_750_000_000_000) + now,
    random: options.random ?? (() => 0.5),
    newId: () => `id-${++sequence}`,
    after(delay, action) {
      const timer = { at: now + delay, order: ++sequence, action };
      timers.push(timer);
      return {
        cancel: () => {
          timers = timers.filter((other) => other !== timer);
        },
      };
    },
    advance(milliseconds) {
      const until = now + milliseconds;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.action();
      }
      now = until;
    },
    block(milliseconds) {
      now += milliseconds;
    },
    pendingTimers: () => timers.length,
  };
}

/** Seeded random numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
