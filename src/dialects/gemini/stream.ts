import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { ChatEvent, UpstreamFault } from '../canonical.ts';
import type { StreamDecoder, WireEvent } from '../dialect.ts';
import { parseFrame } from '../parse-frame.ts';
import { callSeed } from './call-ids.ts';
import { candidateIndex, candidateSeed } from './candidate.ts';
import { CandidateStream } from './candidate-stream.ts';
import { faultOfError } from './error.ts';
import { answerExtension, blockedPrompt, createdOf } from './response.ts';
import { decodeUsage } from './usage.ts';
import { wireList } from './wire.ts';

/**
 * Reads `streamGenerateContent?alt=sse`: every event is a whole GenerateContentResponse, and the end of the connection
 * is the end of the answer. Which finish reason, usage and ratings hold is known only then: models repeat them in every
 * chunk, go on after a STOP, and send function calls and the STOP apart.
 */
export class GeminiStreamDecoder implements StreamDecoder {
  readonly #candidates: CandidateStream[] = [];
  #started = false;
  #failed = false;
  #seed = '';
  #usage: JsonObject | undefined;
  #blocked: string | undefined;
  usageReports = 0;
  #extension: JsonObject | undefined;

  push({ data }: WireEvent, out: ChatEvent[]): boolean {
    if (this.#failed) return false;
    const value = parseFrame(data);
    const chunks = value === undefined ? undefined : wireList(value);
    if (chunks === undefined || chunks.length === 0) {
      // Proxies end streams the OpenAI way.
      if (data !== '' && data !== '[DONE]') this.#fail(out, { kind: 'invalid_response', message: '' });
      return false;
    }
    let usageAlone = true;
    for (const chunk of chunks) usageAlone = this.#read(asObject(chunk) ?? {}, out) && usageAlone;
    return usageAlone;
  }

  end(out: ChatEvent[]): void {
    if (this.#failed || !this.#started) return;
    const candidates = this.#candidates.filter((candidate) => candidate !== undefined);
    const broken = candidates.map((candidate) => candidate.breakdown()).filter((fault) => fault !== undefined);
    if (broken[0] !== undefined && broken.length === candidates.length) {
      this.#fail(out, broken[0]);
      return;
    }
    for (const candidate of candidates) candidate.end(out);
    const refusal = candidates.length === 0 ? this.#blocked : undefined;
    if (refusal !== undefined) out.push({ type: 'finish', choice: 0, reason: 'content_filter', rawReason: refusal });
    const data = answerExtension(this.#extension ?? {}, this.#usage);
    if (data !== undefined) out.push({ type: 'extension', dialect: 'gemini', data });
    this.#reportUsage(out);
    const complete = candidates.length > 0 && candidates.every((candidate) => candidate.finished);
    if (complete || refusal !== undefined) out.push({ type: 'done' });
  }

  /** True when the chunk carries usage alone. */
  #read(chunk: JsonObject, out: ChatEvent[]): boolean {
    const { candidates, usageMetadata, error } = chunk;
    if (error !== undefined && error !== null) {
      this.#fail(out, faultOfError(error));
      return false;
    }
    if (candidates === undefined && usageMetadata === undefined && chunk.promptFeedback === undefined) return false;
    if (!this.#started) this.#start(chunk, out);
    this.#keepExtension(chunk);
    const usage = asObject(usageMetadata);
    // Some chunks hold the traffic type alone; the counts of the last chunk that has them stand for the whole answer.
    if (usage !== undefined && (usage.totalTokenCount !== undefined || this.#usage?.totalTokenCount === undefined)) {
      this.#usage = usage;
      this.usageReports += 1;
    }
    this.#blocked ??= blockedPrompt(chunk);
    for (const [place, candidate] of wireList(candidates).entries()) {
      const fields = asObject(candidate);
      if (fields !== undefined) this.#candidate(fields, place).add(fields, out);
    }
    return candidates === undefined && chunk.promptFeedback === undefined;
  }

  #start(chunk: JsonObject, out: ChatEvent[]): void {
    this.#started = true;
    const id = asString(chunk.responseId) ?? '';
    const created = createdOf(chunk);
    this.#seed = callSeed(id);
    out.push({
      type: 'start',
      id,
      model: asString(chunk.modelVersion) ?? '',
      ...(created !== undefined && { created }),
    });
  }

  #keepExtension(chunk: JsonObject): void {
    for (const key in chunk) {
      if (key === 'candidates' || key === 'usageMetadata' || key === 'modelVersion' || key === 'responseId') continue;
      this.#extension = { ...this.#extension, [key]: chunk[key] };
    }
  }

  get usageSoFar(): Usage | undefined {
    return this.#usage && decodeUsage(this.#usage);
  }

  #candidate(fields: JsonObject, place: number): CandidateStream {
    const index = candidateIndex(fields, place);
    let candidate = this.#candidates[index];
    if (candidate === undefined) {
      candidate = new CandidateStream(index, candidateSeed(this.#seed, index));
      this.#candidates[index] = candidate;
    }
    return candidate;
  }

  #fail(out: ChatEvent[], fault: UpstreamFault): void {
    if (this.#failed) return;
    this.#failed = true;
    // What was generated before the failure is billed all the same.
    this.#reportUsage(out);
    out.push({ type: 'error', fault });
  }

  #reportUsage(out: ChatEvent[]): void {
    const usage = this.#usage && decodeUsage(this.#usage);
    if (usage !== undefined) out.push({ type: 'usage', usage });
  }
}
