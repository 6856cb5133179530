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

/** Calls `expire` when somebody has had `limit` milliseconds, and what this process missed of them. */
export function patience(runtime: Pick<Runtime, 'now' | 'after'>, limit: number, expire: () => void): Timer {
  const due = runtime.now() + limit;
  let timer = runtime.after(limit, () => {
    // One more turn of the event loop in any case: the answer may be there and not have been read.
    timer = runtime.after(timeMissed(runtime.now() - due, limit), expire);
  });
  return { cancel: () => timer.cancel() };
}
