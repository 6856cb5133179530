import { type Runtime, systemRuntime } from '../../src/core/runtime.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';

export { seededRandom };

/** The system's clock and timers; chance comes from a seed. */
export function seededRuntime(seed: number): Runtime {
  return { ...systemRuntime, random: seededRandom(seed) };
}

/** A clock that runs `factor` times as fast as the world's, so that a cooldown need not be sat out. */
export function fastRuntime(factor: number, seed: number): Runtime {
  return {
    ...seededRuntime(seed),
    now: () => systemRuntime.now() * factor,
    after: (delay, action) => systemRuntime.after(delay / factor, action),
  };
}
