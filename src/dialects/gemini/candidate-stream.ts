import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ChatEvent, Opaque, UpstreamFault } from '../canonical.ts';
import { callId } from './call-ids.ts';
import { candidateRest, choiceExtension } from './candidate.ts';
import { breakdownFault } from './error.ts';
import { decodeFinishReason, finishWord, isBreakdown } from './finish-reason.ts';
import { decodeLogprobs } from './logprobs.ts';
import { PartialArguments } from './partial-arguments.ts';
import { decodeArguments, givenId, ownPart } from './parts.ts';
import { signatureOf, wireList, wireObject } from './wire.ts';

/** One candidate of a running stream. */
export class CandidateStream {
  readonly #index: number;
  readonly #seed: string;
  /** The part that goes on with the next delta of its kind. */
  #open: 'text' | 'reasoning' | undefined;
  #calls = 0;
  /** Arguments of the last call, while Vertex AI streams them. */
  #partial: PartialArguments | undefined;
  #hasOutput = false;
  #finish: string | undefined;
  #extension: JsonObject | undefined;

  constructor(index: number, seed: string) {
    this.#index = index;
    this.#seed = seed;
  }

  get finished(): boolean {
    return this.#finish !== undefined;
  }

  add(candidate: JsonObject, out: ChatEvent[]): void {
    const parts = asObject(candidate.content)?.parts;
    for (const value of wireList(parts)) {
      const part = wireObject(value);
      if (part !== undefined) this.#addPart(part, out);
    }
    // The last one counts: a filter may stop an answer after chunks that each said STOP.
    this.#finish = finishWord(candidate.finishReason) ?? this.#finish;
    const logprobs = decodeLogprobs(candidate.logprobsResult);
    if (logprobs !== undefined) out.push({ type: 'logprobs', choice: this.#index, logprobs });
    const rest = candidateRest(candidate);
    if (rest !== undefined) this.#extension = { ...this.#extension, ...rest };
  }

  /** The failure, where the model broke off before it produced anything. */
  breakdown(): UpstreamFault | undefined {
    if (this.#hasOutput || !isBreakdown(this.#finish)) return undefined;
    return breakdownFault(this.#finish, asString(this.#extension?.finishMessage));
  }

  end(out: ChatEvent[]): void {
    const choice = this.#index;
    this.#closePart(out);
    this.#closeCall(out);
    const data = choiceExtension(this.#extension, this.#finish);
    if (data !== undefined) out.push({ type: 'extension', choice, dialect: 'gemini', data });
    const rawReason = this.#finish;
    if (rawReason === undefined) return;
    out.push({ type: 'finish', choice, reason: decodeFinishReason(rawReason, this.#calls), rawReason });
  }

  #addPart(part: JsonObject, out: ChatEvent[]): void {
    if (part.functionCall !== undefined) {
      this.#addCall(part, wireObject(part.functionCall) ?? {}, out);
    } else if (typeof part.text === 'string') {
      this.#addText(part, part.text, out);
    } else {
      this.#closePart(out);
      this.#closeCall(out);
      this.#hasOutput = true;
      out.push({ type: 'extension-part', choice: this.#index, part: ownPart(part) });
    }
  }

  #addText(part: JsonObject, text: string, out: ChatEvent[]): void {
    const { signature } = signatureOf(part);
    if (text === '' && signature === undefined) return;
    const kind = part.thought === true ? 'reasoning' : 'text';
    this.#hasOutput = true;
    // A signature may come alone, at the end of the part it belongs to.
    if (text !== '' || this.#open !== kind) this.#addDelta(kind, text, out);
    if (signature !== undefined) this.#closePart(out, signature);
  }

  #addDelta(kind: 'text' | 'reasoning', text: string, out: ChatEvent[]): void {
    if (this.#open !== kind) {
      this.#closePart(out);
      this.#closeCall(out);
      this.#open = kind;
    }
    const choice = this.#index;
    if (kind === 'reasoning') out.push({ type: 'reasoning-delta', choice, text });
    else out.push({ type: 'text-delta', choice, text });
  }

  #closePart(out: ChatEvent[], signature?: Opaque): void {
    if (this.#open === undefined) return;
    this.#open = undefined;
    if (signature === undefined) out.push({ type: 'part-end', choice: this.#index });
    else out.push({ type: 'part-end', choice: this.#index, signature });
  }

  #addCall(part: JsonObject, call: JsonObject, out: ChatEvent[]): void {
    this.#closePart(out);
    this.#hasOutput = true;
    const name = asString(call.name) ?? '';
    const continues = name === '' && this.#partial !== undefined;
    if (!continues) this.#openCall(part, call, out);
    if (this.#partial === undefined) return;
    this.#partial.add(call.partialArgs);
    if (call.willContinue !== true) this.#closeCall(out);
  }

  #openCall(part: JsonObject, call: JsonObject, out: ChatEvent[]): void {
    this.#closeCall(out);
    const choice = this.#index;
    const index = this.#calls;
    this.#calls += 1;
    const name = asString(call.name) ?? '';
    const whole = call.willContinue === true ? '' : decodeArguments(call);
    const id = givenId(call) ?? callId(this.#seed, index, name + whole);
    out.push({ type: 'tool-call-start', choice, index, id, name, ...signatureOf(part) });
    if (call.willContinue === true) {
      this.#partial = new PartialArguments();
      return;
    }
    out.push({ type: 'tool-call-delta', choice, index, arguments: whole }, { type: 'tool-call-end', choice, index });
  }

  #closeCall(out: ChatEvent[]): void {
    const partial = this.#partial;
    if (partial === undefined) return;
    this.#partial = undefined;
    const choice = this.#index;
    const index = this.#calls - 1;
    out.push(
      { type: 'tool-call-delta', choice, index, arguments: partial.text() },
      { type: 'tool-call-end', choice, index },
    );
  }
}
