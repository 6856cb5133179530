import type { JsonObject } from '../../core/json.ts';
import { frame } from './stream-frames.ts';

/** A part that has begun. Only the first one that has not ended is on the wire; later ones wait in `held`. */
export interface Lane {
  readonly kind: 'text' | 'thinking' | 'plan' | 'tool';
  /** Number of the tool call; -1 for anything else. */
  readonly call: number;
  /** Number on the wire: content parts and tool calls are counted apart. */
  readonly index: number;
  held: string;
  hasEnded: boolean;
}

/** Puts parts that overlap (parallel tool calls) one after another. */
export class Lanes {
  #lanes: Lane[] = [];
  #contents = 0;
  #calls = 0;
  #hadPlan = false;

  /** Kind of the content part that can be continued. */
  get openPart(): Lane['kind'] | undefined {
    const last = this.#lanes.at(-1);
    return last === undefined || last.hasEnded || last.kind === 'tool' ? undefined : last.kind;
  }

  get hadPlan(): boolean {
    return this.#hadPlan;
  }

  /** Text of a part, which is opened unless the one that is open is of its kind. */
  say(kind: Exclude<Lane['kind'], 'tool'>, text: string, logprobs?: JsonObject): string {
    const opened = this.openPart === kind ? '' : this.endPart() + this.#openPart(kind);
    const lane = this.#lanes.at(-1);
    return lane === undefined ? opened : opened + this.#deliver(lane, delta(lane, text, logprobs));
  }

  openCall(call: number, id: string, name: string): string {
    const ended = this.endPart();
    const index = this.#calls++;
    const started = { id, type: 'function', function: { name, arguments: '' } };
    const start = frame('tool-call-start', { index, delta: { message: { tool_calls: started } } });
    return ended + this.#open({ kind: 'tool', call, index, held: '', hasEnded: false }, start);
  }

  deliverCall(call: number, text: string): string {
    const lane = this.#lanes.find((candidate) => candidate.call === call);
    return lane === undefined || text === '' ? '' : this.#deliver(lane, delta(lane, text));
  }

  endCall(call: number): string {
    return this.#end(this.#lanes.find((lane) => lane.call === call && !lane.hasEnded));
  }

  endPart(): string {
    return this.openPart === undefined ? '' : this.#end(this.#lanes.at(-1));
  }

  /** A content part that comes at once. */
  whole(content: JsonObject): string {
    const index = this.#contents++;
    const lane: Lane = { kind: 'text', call: -1, index, held: '', hasEnded: false };
    const start = frame('content-start', { index, delta: { message: { content } } });
    return this.endPart() + this.#open(lane, start) + this.#end(lane);
  }

  /** Frames that belong behind what has been said so far, and to no part. */
  aside(frames: string): string {
    const last = this.#lanes.at(-1);
    return last === undefined ? frames : this.#deliver(last, frames);
  }

  endAll(): string {
    return this.#lanes.map((lane) => this.#end(lane)).join('');
  }

  #openPart(kind: Exclude<Lane['kind'], 'tool'>): string {
    if (kind === 'plan') {
      this.#hadPlan = true;
      return this.#open({ kind, call: -1, index: -1, held: '', hasEnded: false }, '');
    }
    const index = this.#contents++;
    const content = kind === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '' };
    const start = frame('content-start', { index, delta: { message: { content } } });
    return this.#open({ kind, call: -1, index, held: '', hasEnded: false }, start);
  }

  #open(lane: Lane, start: string): string {
    this.#lanes.push(lane);
    return this.#deliver(lane, start);
  }

  #deliver(lane: Lane, frames: string): string {
    if (lane === this.#lanes[0]) return frames;
    lane.held += frames;
    return '';
  }

  /** When the lane on the wire ends, the next ones follow as far as they have come. */
  #end(ended: Lane | undefined): string {
    if (ended === undefined || ended.hasEnded) return '';
    ended.hasEnded = true;
    let frames = '';
    for (let first = this.#lanes[0]; first?.hasEnded === true; first = this.#lanes[0]) {
      frames += end(first);
      this.#lanes = this.#lanes.slice(1);
      const next = this.#lanes[0];
      if (next === undefined) break;
      frames += next.held;
      next.held = '';
    }
    return frames;
  }
}

function delta({ kind, index }: Lane, text: string, logprobs?: JsonObject): string {
  switch (kind) {
    case 'text': {
      const beside = logprobs === undefined ? {} : { logprobs };
      return frame('content-delta', { index, ...beside, delta: { message: { content: { text } } } });
    }
    case 'thinking':
      return frame('content-delta', { index, delta: { message: { content: { thinking: text } } } });
    case 'plan':
      return frame('tool-plan-delta', { delta: { message: { tool_plan: text } } });
    case 'tool':
      return frame('tool-call-delta', { index, delta: { message: { tool_calls: { function: { arguments: text } } } } });
  }
}

function end({ kind, index }: Lane): string {
  if (kind === 'plan') return '';
  return frame(kind === 'tool' ? 'tool-call-end' : 'content-end', { index });
}
