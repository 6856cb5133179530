import type { Call, Slot } from '../core/call.ts';

interface Place {
  readonly call: Call;
  index: number;
}

/**
 * The calls under way. In an array, where each knows its place, and not in a Set: that is made anew every few calls, and
 * the one it replaces keeps those it held, with all they hold, until the next full garbage collection.
 */
export class RunningCalls {
  readonly #places: Place[] = [];
  readonly #slot: Slot<Place> = { name: 'running' };

  get size(): number {
    return this.#places.length;
  }

  add(call: Call): void {
    const place = { call, index: this.#places.length };
    call.set(this.#slot, place);
    this.#places.push(place);
  }

  /** The last one takes the place that becomes free. Nothing happens for a call that is not there. */
  delete(call: Call): void {
    const place = call.get(this.#slot);
    if (place === undefined || this.#places[place.index] !== place) return;
    const last = this.#places.pop();
    if (last === undefined || last === place) return;
    last.index = place.index;
    this.#places[last.index] = last;
  }

  /** Those of this moment. */
  all(): readonly Call[] {
    return this.#places.map(({ call }) => call);
  }
}
