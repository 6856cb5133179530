import { randomUUID } from 'node:crypto';

/** A pending timer. */
export interface Timer {
  cancel(): void;
}

/** Everything the core takes from the outside world that is not I/O: injected, so that tests own time and chance. */
export interface Runtime {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Milliseconds since 1970, for dates that people and other machines read. */
  wallTime(): number;
  /** Calls `action` once after `delay` milliseconds. A pending timer does not keep the process alive. */
  after(delay: number, action: () => void): Timer;
  /** A number in [0, 1). */
  random(): number;
  /** A new id, unique over all processes. */
  newId(): string;
}

/** The process's own clock, chance and ids. */
export const systemRuntime: Runtime = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
  newId: () => randomUUID(),
};
