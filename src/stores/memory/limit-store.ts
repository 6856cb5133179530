import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type { CounterState, Draw, LocalLimitStore, TakeRequest, TakeResult } from '../../rate-limit/limit-store.ts';
import { type Counter, drawn, isIdle, look, type Moment, settled, withSlot } from './limit-counters.ts';

export interface MemoryLimitStoreOptions {
  /**
   * How many counters are kept, at about 300 bytes each. Beyond, those who come new are counted together, rule by rule,
   * until others have become idle: an active counter is never dropped, since that would fill it.
   * @default 100_000
   */
  readonly maxCounters?: number;
}

/** How many counters are looked at for each one that comes new: more than come, so that idle ones do not pile up. */
const looksPerNewcomer = 4;

/** Limits counted in this process. */
export function memoryLimitStore(
  options: MemoryLimitStoreOptions = {},
  runtime: Pick<Runtime, 'now'> = systemRuntime,
): LocalLimitStore {
  const { maxCounters = 100_000 } = options;
  const counters = new Map<string, Counter>();
  let cursor = counters.entries();

  function momentOf(id: string, leaseMs: number): Moment {
    return { now: Math.floor(runtime.now()), id, leaseMs };
  }

  /** Forgets some counters that are idle, from where the last look ended. */
  function forgetIdle(now: number): void {
    for (let looks = 0; looks < looksPerNewcomer; looks += 1) {
      const next = cursor.next();
      if (next.done) {
        cursor = counters.entries();
        return;
      }
      const [key, counter] = next.value;
      if (isIdle(counter, now)) counters.delete(key);
    }
  }

  /** Where a draw is counted. */
  function placeOf({ key, group }: Pick<Draw, 'key' | 'group'>): string {
    return counters.size < maxCounters || counters.has(key) ? key : sharedKey(group);
  }

  function put(key: string, counter: Counter | undefined, now: number): void {
    if (counter === undefined) return;
    if (!counters.has(key)) forgetIdle(now);
    counters.set(key, counter);
  }

  function stateOf(draw: Draw, moment: Moment): CounterState {
    let key = placeOf(draw);
    // Newcomers look for what is idle also while there is no room: the next of them may have a counter of its own.
    if (key !== draw.key) {
      forgetIdle(moment.now);
      key = placeOf(draw);
    }
    return { key, ...look(draw, counters.get(key), moment) };
  }

  function lookAt({ draws }: TakeRequest, moment: Moment): TakeResult {
    const states = draws.map((draw) => stateOf(draw, moment));
    return { taken: draws.every(({ shadow }, index) => shadow || states[index]?.waitMs === 0), states };
  }

  return {
    look: (request) => lookAt(request, momentOf(request.id, request.leaseMs)),

    take(request) {
      const moment = momentOf(request.id, request.leaseMs);
      const before = lookAt(request, moment);
      if (!before.taken) return before;
      const states = request.draws.map((draw, index) => {
        const state = before.states[index] ?? stateOf(draw, moment);
        if (state.waitMs > 0) return state;
        const counter = drawn(draw, counters.get(state.key), moment);
        put(state.key, counter, moment.now);
        return { ...look(draw, counter, moment), key: state.key, waitMs: 0 };
      });
      return { taken: true, states };
    },

    settle(id, settlings) {
      const moment = momentOf(id, 0);
      for (const settling of settlings) {
        // What has been forgotten was full: there is nothing to give back to.
        if (settling.unused >= 0 && !counters.has(settling.key)) continue;
        const key = placeOf(settling);
        put(key, settled(settling, counters.get(key), moment), moment.now);
      }
    },

    renew(slots, leaseMs) {
      for (const slot of slots) {
        const moment = momentOf(slot.id, leaseMs);
        const key = placeOf(slot);
        put(key, withSlot(counters.get(key), moment), moment.now);
      }
    },
  };
}

/** No draw's key is empty behind the group. */
function sharedKey(group: string): string {
  return `${group}*`;
}
