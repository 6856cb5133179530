import { asNumber, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { parseFrame } from '../parse-frame.ts';
import { ChoiceDecoder } from './choice-decoder.ts';
import { decodeInBandError } from './error.ts';
import { answerMembers } from './members.ts';
import type { ResolvedVariant } from './model-profile.ts';
import { createdAt, failedFinish } from './response-decode.ts';
import { decodeUsage } from './usage.ts';
import { emptyObject, type MutableJson } from './wire.ts';

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export class OpenAIStreamDecoder implements StreamDecoder {
  readonly #variant: ResolvedVariant;
  readonly #choices = new Map<number, ChoiceDecoder>();
  #started = false;
  #over = false;
  #id = '';
  /** Usage is cumulative wherever it stands: the last one that counts is the one. */
  #usage: JsonObject | undefined;
  usageReports = 0;
  /** Members of the answer that only this dialect knows: words at once, objects (often repeated) at the end. */
  #words: MutableJson | undefined;
  #objects: MutableJson | undefined;

  constructor(variant: ResolvedVariant) {
    this.#variant = variant;
  }

  push({ event, data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#over || data === '') return false;
    if (data === '[DONE]' || data.trim() === '[DONE]') {
      const mayLackReasons = this.#variant.finishReason === 'optional' && this.#choices.size > 0;
      if (mayLackReasons || this.#hasFinishReasons()) this.#finish(out);
      return false;
    }
    const chunk = parseFrame(data);
    if (isJsonObject(chunk)) return this.#chunk(chunk, event, out);
    // Frames of other kinds (`event: ping`) need not be JSON.
    if (event === undefined || event === 'message') this.#fail(malformed, out);
    else if (event === 'error') this.#fail({ kind: 'server_error', message: '' }, out);
    return false;
  }

  end(out: ChatEvent[]): void {
    if (this.#over) return;
    if (this.#variant.doneMarker === 'optional' && this.#hasFinishReasons()) this.#finish(out);
    // Cut off: what was used was used.
    else this.#pushUsage(out);
    this.#over = true;
  }

  #chunk(chunk: JsonObject, event: string | undefined, out: ChatEvent[]): boolean {
    const choices = Array.isArray(chunk.choices) ? chunk.choices : [];
    const fault = faultIn(chunk, choices, event);
    if (fault !== undefined) {
      this.#fail(fault, out);
      return false;
    }
    // A frame of an unknown kind is none of ours.
    if (chunk.choices === undefined && chunk.usage === undefined && chunk.object !== 'chat.completion.chunk')
      return false;
    this.#start(chunk, choices.length > 0, out);
    this.#answerMembers(chunk, out);
    for (const choice of choices) if (isJsonObject(choice)) this.#choice(choice, out);
    const usageOnly = choices.length === 0 && isJsonObject(chunk.usage);
    this.#noteUsage(chunk);
    return usageOnly;
  }

  /** Azure's first chunk has neither id nor model nor choices; the next one has. */
  #start(chunk: JsonObject, hasChoices: boolean, out: ChatEvent[]): void {
    if (this.#started) return;
    const id = asString(chunk.id) ?? '';
    if (!hasChoices && id === '') return;
    this.#started = true;
    this.#id = id;
    const model = asString(chunk.model) ?? '';
    const created = createdAt(chunk.created);
    out.push(created === undefined ? { type: 'start', id, model } : { type: 'start', id, model, created });
    if (this.#words !== undefined) out.push({ type: 'extension', dialect: 'openai-chat', data: { ...this.#words } });
  }

  #choice(choice: JsonObject, out: ChatEvent[]): void {
    const index = asNumber(choice.index) ?? 0;
    let decoder = this.#choices.get(index);
    if (decoder === undefined) {
      decoder = new ChoiceDecoder(index);
      this.#choices.set(index, decoder);
    }
    decoder.push(choice, this.#id, out);
  }

  #answerMembers(chunk: JsonObject, out: ChatEvent[]): void {
    for (const key in chunk) {
      if (answerMembers.has(key)) continue;
      const value = chunk[key];
      if (typeof value === 'object' && value !== null) {
        this.#objects ??= emptyObject();
        this.#objects[key] = value;
      } else {
        this.#word(key, value, out);
      }
    }
  }

  #word(key: string, value: JsonValue | undefined, out: ChatEvent[]): void {
    if (this.#words !== undefined && this.#words[key] === value) return;
    // A null after a word says nothing new.
    if (value === undefined || (value === null && this.#words?.[key] !== undefined)) return;
    this.#words ??= emptyObject();
    this.#words[key] = value;
    if (this.#started) out.push({ type: 'extension', dialect: 'openai-chat', data: { [key]: value } });
  }

  #noteUsage(chunk: JsonObject): void {
    // Groq without `include_usage` reports there alone.
    const usage = asObject(chunk.usage) ?? asObject(asObject(chunk.x_groq)?.usage);
    if (usage !== undefined && decodeUsage(usage, this.#variant) !== undefined) {
      this.#usage = usage;
      this.usageReports += 1;
    }
  }

  #finish(out: ChatEvent[]): void {
    const choices = [...this.#choices.values()].sort((a, b) => a.index - b.index);
    for (const choice of choices) choice.end(out);
    if (this.#objects !== undefined) {
      out.push({ type: 'extension', dialect: 'openai-chat', data: { ...this.#objects } });
    }
    this.#pushUsage(out);
    out.push({ type: 'done' });
    this.#over = true;
  }

  get usageSoFar(): Usage | undefined {
    return this.#usage && decodeUsage(this.#usage, this.#variant);
  }

  /** An answer has at least one choice, and the provider has said of each how it ended. */
  #hasFinishReasons(): boolean {
    if (this.#choices.size === 0) return false;
    for (const choice of this.#choices.values()) if (!choice.finished) return false;
    return true;
  }

  #pushUsage(out: ChatEvent[]): void {
    const counts = this.usageSoFar;
    if (this.#usage === undefined || counts === undefined) return;
    out.push({ type: 'extension', dialect: 'openai-chat', data: { usage: this.#usage } });
    out.push({ type: 'usage', usage: counts });
  }

  #fail(fault: UpstreamFault, out: ChatEvent[]): void {
    this.#over = true;
    out.push({ type: 'error', fault });
  }
}

const malformed: UpstreamFault = {
  kind: 'invalid_response',
  message: 'A frame of the stream could not be read.',
  code: 'malformed_frame',
};

/** A failure reported at the top, in a choice, by the finish reason, or by the name of the frame (Groq). */
function faultIn(
  chunk: JsonObject,
  choices: readonly JsonValue[],
  event: string | undefined,
): UpstreamFault | undefined {
  const reported = decodeInBandError(chunk);
  if (reported !== undefined) return reported;
  if (event === 'error') return decodeInBandError({ error: chunk }) ?? { kind: 'server_error', message: '' };
  for (const choice of choices) {
    if (!isJsonObject(choice)) continue;
    const fault = (choice.error === undefined ? undefined : decodeInBandError(choice)) ?? failedFinish(choice);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
