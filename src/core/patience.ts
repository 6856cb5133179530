import type { Runtime, Timer } from './runtime.ts';

/** Milliseconds a timer may be late on a machine that is merely busy. */
const usualLateness = 20;

/**
 * How many milliseconds more somebody gets whose limit ran out `late` milliseconds ago. A timer that comes late says
 * that this process was held up, by a handler of the app that blocks or by a machine with too much to do: whatever
 * was sent to us meanwhile has not been read, and the next step of a handshake has not been taken. What we missed is
 * not held against the other side, up to the limit itself; a timer that comes in time gives nothing.
 */
export function timeMissed(late: number, limit: number): number {
  return late > usualLateness ? Math.min(late, limit) : 0;
}

/** Calls `expire` when `limit` milliseconds have passed and what this process missed of them. */
export function patience(runtime: Runtime, limit: number, expire: () => void): Timer {
  const due = runtime.now() + limit;
  let timer = runtime.after(limit, () => {
    const missed = timeMissed(runtime.now() - due, limit);
    if (missed === 0) expire();
    else timer = runtime.after(missed, expire);
  });
  return { cancel: () => timer.cancel() };
}
