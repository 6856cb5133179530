import type { JsonObject } from '../../core/json.ts';

/** Writes events, numbered one after another. */
export class Frames {
  #next = 0;

  /** An event of this type with these members. */
  frame(type: string, members: JsonObject): string {
    return this.delta(type, JSON.stringify(members).slice(1, -1));
  }

  /** The same, with the members as the text between the braces. */
  delta(type: string, members: string): string {
    const number = this.#next;
    this.#next += 1;
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${number},${members}}\n\n`;
  }
}
