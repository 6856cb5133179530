import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ChatEvent } from '../canonical.ts';
import { extensionPart } from './content-decode.ts';
import { callSignature } from './messages-decode.ts';
import { generatedCallId } from './tool-call-ids.ts';
import { jsonText } from './wire.ts';

interface OpenCall {
  /** Place among the calls of the choice, from 0. */
  readonly index: number;
  /** As the provider gave it; may be empty. */
  readonly wireId: string;
  /** Last character of the arguments so far. */
  lastCharacter: string;
}

/**
 * Puts the pieces of streamed tool calls to the call they belong to. `index` decides where it can be trusted; some
 * servers leave it out, number all calls 0, or repeat the id with every piece.
 */
export class ToolCallDecoder {
  readonly #choice: number;
  readonly #byWireIndex = new Map<number, OpenCall>();
  #last: OpenCall | undefined;
  #count = 0;

  constructor(choice: number) {
    this.#choice = choice;
  }

  get count(): number {
    return this.#count;
  }

  push(piece: JsonObject, answerId: string, out: ChatEvent[]): void {
    const called = asObject(piece.function);
    if (called === undefined) {
      // Custom tools: a form of this dialect alone.
      if (piece.custom !== undefined) this.#pushCustom(piece, out);
      return;
    }
    const name = asString(called.name) ?? '';
    const id = asString(piece.id) ?? '';
    const call = this.#continued(piece, id, name) ?? this.#begin(piece, { id, name, answerId }, out);
    const text = jsonText(called.arguments);
    if (text === '') return;
    call.lastCharacter = text.charAt(text.length - 1);
    out.push({ type: 'tool-call-delta', choice: this.#choice, index: call.index, arguments: text });
  }

  /** Closes all calls: providers do not say when one ends. */
  end(out: ChatEvent[]): void {
    for (let index = 0; index < this.#count; index += 1) {
      out.push({ type: 'tool-call-end', choice: this.#choice, index });
    }
  }

  #pushCustom(piece: JsonObject, out: ChatEvent[]): void {
    out.push({ type: 'extension-part', choice: this.#choice, part: extensionPart({ tool_calls: [piece] }) });
  }

  /** The call this piece goes on with; `undefined` when it begins a new one. */
  #continued(piece: JsonObject, id: string, name: string): OpenCall | undefined {
    const wireIndex = asNumber(piece.index);
    const occupant = wireIndex === undefined ? this.#last : this.#byWireIndex.get(wireIndex);
    if (occupant === undefined || name === '') return occupant;
    // Whoever sends a name again either repeats itself, or begins another call under the same number.
    if (id !== '') return id === occupant.wireId ? occupant : undefined;
    return occupant.lastCharacter === '}' ? undefined : occupant;
  }

  #begin(piece: JsonObject, call: { id: string; name: string; answerId: string }, out: ChatEvent[]): OpenCall {
    const index = this.#count;
    this.#count += 1;
    const opened: OpenCall = { index, wireId: call.id, lastCharacter: '' };
    const wireIndex = asNumber(piece.index);
    if (wireIndex !== undefined) this.#byWireIndex.set(wireIndex, opened);
    this.#last = opened;
    const signature = callSignature(piece);
    out.push({
      type: 'tool-call-start',
      choice: this.#choice,
      index,
      id: call.id === '' ? generatedCallId(call.answerId, this.#choice, index) : call.id,
      name: call.name,
      ...(signature !== undefined && { signature }),
    });
    return opened;
  }
}
