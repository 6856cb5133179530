import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, ToolCallPart, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { parseFrame } from '../parse-frame.ts';
import { decodeErrorObject } from './error.ts';
import { decodeDoneReason } from './finish-reason.ts';
import { answerExtension, createdOf, decodeAnswerCalls, logprobsOf, messageExtension } from './response.ts';
import { decodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

/**
 * Every line is an answer of its own with what was added; `done: true` is in the last one, which may add something, too.
 * https://docs.ollama.com/api/streaming
 */
export class OllamaStreamDecoder implements StreamDecoder {
  #isStarted = false;
  #isOver = false;
  #toolCalls = 0;
  /** The last line that had counts. */
  #counts: JsonObject | undefined;
  usageReports = 0;

  push({ data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#isOver) return false;
    const line = asObject(parseFrame(data));
    if (line === undefined) this.#fail(out, unreadable);
    else if (line.error != null) this.#fail(out, decodeErrorObject(line));
    else this.#read(line, out);
    return false;
  }

  /** A stream without `done: true` was cut. */
  end(): void {
    this.#isOver = true;
  }

  get usageSoFar(): Usage | undefined {
    return this.#counts && decodeUsage(this.#counts);
  }

  #read(line: JsonObject, out: ChatEvent[]): void {
    const message = asObject(line.message);
    // Progress of a model that is pulled, and whatever else may be added.
    if (message === undefined && line.done !== true) return;
    if (!this.#isStarted) this.#start(line, out);
    if (line.eval_count != null) {
      this.#counts = line;
      this.usageReports += 1;
    }
    if (message !== undefined) this.#readMessage(message, line, out);
    if (line.done === true) this.#finish(line, out);
  }

  #start(line: JsonObject, out: ChatEvent[]): void {
    this.#isStarted = true;
    const created = createdOf(line);
    out.push({
      type: 'start',
      id: '',
      model: asString(line.model) ?? '',
      ...(created !== undefined && { created }),
    });
  }

  #readMessage(message: JsonObject, line: JsonObject, out: ChatEvent[]): void {
    const { thinking, content } = message;
    if (typeof thinking === 'string' && thinking !== '')
      out.push({ type: 'reasoning-delta', choice: 0, text: thinking });
    if (typeof content === 'string' && content !== '') out.push({ type: 'text-delta', choice: 0, text: content });
    if (message.tool_calls != null) {
      for (const call of decodeAnswerCalls(message, asString(line.created_at) ?? '', this.#toolCalls)) {
        this.#pushCall(call, out);
      }
    }
    const logprobs = logprobsOf(line);
    if (logprobs !== undefined) out.push({ type: 'logprobs', choice: 0, logprobs });
    const data = messageExtension(message);
    if (data !== undefined) out.push({ type: 'extension', choice: 0, dialect, data });
  }

  /** Calls come whole. The index on the wire is none to rely on: older servers send 0 for all of them. */
  #pushCall({ id, name, arguments: text }: ToolCallPart, out: ChatEvent[]): void {
    const index = this.#toolCalls++;
    out.push(
      { type: 'tool-call-start', choice: 0, index, id, name },
      { type: 'tool-call-delta', choice: 0, index, arguments: text },
      { type: 'tool-call-end', choice: 0, index },
    );
  }

  #finish(line: JsonObject, out: ChatEvent[]): void {
    const raw = asString(line.done_reason);
    const data = answerExtension(line);
    const usage = decodeUsage(line);
    if (data !== undefined) out.push({ type: 'extension', dialect, data });
    out.push({
      type: 'finish',
      choice: 0,
      reason: decodeDoneReason(raw, this.#toolCalls),
      ...(raw !== undefined && { rawReason: raw }),
    });
    if (usage !== undefined) out.push({ type: 'usage', usage });
    out.push({ type: 'done' });
    this.#isOver = true;
  }

  #fail(out: ChatEvent[], fault: UpstreamFault): void {
    out.push({ type: 'error', fault });
    this.#isOver = true;
  }
}

const unreadable: UpstreamFault = {
  kind: 'invalid_response',
  message: 'The provider sent a line that cannot be read: it is no JSON object.',
};
