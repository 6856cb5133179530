import type { JsonObject } from '../../core/json.ts';
import { eventFrame } from '../../wire/aws-event-stream-framing.ts';

/** A content block that has begun. Only the first one that has not ended is on the wire; later ones wait in `held`. */
export interface Lane {
  readonly kind: 'text' | 'reasoning' | 'tool' | 'whole';
  /** Number of the tool call; -1 for all others. */
  readonly call: number;
  /** What its start says; blocks of text and of reasoning have none. */
  readonly start: JsonObject | undefined;
  /** Deltas as JSON texts. */
  held: string[];
  isOnWire: boolean;
  hasEnded: boolean;
}

export function newLane(kind: Lane['kind'], start?: JsonObject, call = -1): Lane {
  return { kind, call, start, held: [], isOnWire: false, hasEnded: false };
}

/**
 * Blocks one after another, as the API streams them: those that overlap (parallel tool calls) wait for the one before them
 * to end. A block that never says anything leaves no frame.
 */
export class BlockLanes {
  #lanes: Lane[] = [];
  /** Index of the block on the wire. */
  #index = 0;

  /** The block that began last, unless it has ended. */
  get open(): Lane | undefined {
    const last = this.#lanes.at(-1);
    return last?.hasEnded === false ? last : undefined;
  }

  ofCall(call: number): Lane | undefined {
    return this.#lanes.find((lane) => lane.call === call && lane.kind === 'tool');
  }

  begin(lane: Lane, frames: Uint8Array[]): void {
    this.#lanes.push(lane);
    if (this.#lanes.length === 1) this.#show(lane, frames);
  }

  /** @param delta JSON text */
  deliver(lane: Lane | undefined, delta: string, frames: Uint8Array[]): void {
    if (lane === undefined) return;
    lane.held.push(delta);
    if (lane === this.#lanes[0]) this.#show(lane, frames);
  }

  /** Ends a block. When it is the one on the wire, the next ones follow as far as they have come. */
  end(lane: Lane | undefined, frames: Uint8Array[]): void {
    if (lane === undefined) return;
    lane.hasEnded = true;
    for (let first = this.#lanes[0]; first?.hasEnded === true; first = this.#lanes[0]) {
      this.#show(first, frames);
      if (first.isOnWire) frames.push(eventFrame('contentBlockStop', `{"contentBlockIndex":${this.#index++}}`));
      this.#lanes.shift();
    }
    const [next] = this.#lanes;
    if (next !== undefined) this.#show(next, frames);
  }

  endAll(frames: Uint8Array[]): void {
    for (const lane of [...this.#lanes]) this.end(lane, frames);
  }

  #show(lane: Lane, frames: Uint8Array[]): void {
    if (!lane.isOnWire && lane.start !== undefined) {
      const start = JSON.stringify({ contentBlockIndex: this.#index, start: lane.start });
      frames.push(eventFrame('contentBlockStart', start));
      lane.isOnWire = true;
    }
    for (const delta of lane.held) {
      frames.push(eventFrame('contentBlockDelta', `{"contentBlockIndex":${this.#index},"delta":${delta}}`));
      lane.isOnWire = true;
    }
    lane.held = [];
  }
}
