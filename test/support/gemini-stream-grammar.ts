import { asArray, asObject, asString, isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { wireEvents } from './corpus.ts';
import { isCount, tryParse } from './grammar-values.ts';

/*
 * What the stream of `streamGenerateContent` must be like for Gemini's clients, by its reference:
 * https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse, https://ai.google.dev/api/caching#Part
 */

const finishReasons: ReadonlySet<unknown> = new Set([
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_OTHER',
  'IMAGE_RECITATION',
  'NO_IMAGE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MALFORMED_RESPONSE',
]);

const blockReasons: ReadonlySet<unknown> = new Set([
  'SAFETY',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'IMAGE_SAFETY',
]);

/** The members of the union `data` of a Part that a model gives, of which there is exactly one. */
const partData = [
  'text',
  'inlineData',
  'functionCall',
  'functionResponse',
  'fileData',
  'executableCode',
  'codeExecutionResult',
];

/** Everything in a stream of responses that a client may stumble over; empty when it is right. With `alt=sse`. */
export function contentStreamProblems(stream: string): string[] {
  const events = wireEvents([Buffer.from(stream)]);
  const reader = new ResponseReader();
  reader.expect(
    events.every(({ event }) => event === undefined),
    'frames have no name',
  );
  return reader.read(events.map(({ data }) => tryParse(data)));
}

/** The same for a stream without `alt=sse`, which is one JSON array. */
export function contentArrayProblems(stream: string): string[] {
  const whole = tryParse(stream);
  const reader = new ResponseReader();
  reader.expect(Array.isArray(whole), 'the stream is one JSON array');
  return reader.read(Array.isArray(whole) ? whole : []);
}

class ResponseReader {
  readonly #problems: string[] = [];
  /** Candidates that have begun; true once they have a finish reason. */
  readonly #finished = new Map<unknown, boolean>();
  #identity: string | undefined;
  #isBlocked = false;
  #isCounted = false;

  read(responses: readonly unknown[]): string[] {
    for (const [place, response] of responses.entries()) {
      this.expect(isJsonObject(response), 'every frame has a JSON object');
      this.#response(asObject(response) ?? {}, place === responses.length - 1);
    }
    this.expect(this.#finished.size > 0 || this.#isBlocked, 'there is a candidate, or the prompt is blocked');
    this.expect(!(this.#finished.size > 0 && this.#isBlocked), 'a blocked prompt has no candidates');
    this.expect(
      [...this.#finished.values()].every((isFinished) => isFinished),
      'each candidate has a finish reason',
    );
    return this.#problems;
  }

  expect(holds: boolean, rule: string): void {
    if (!holds) this.#problems.push(`does not hold: ${rule}`);
  }

  #response(response: JsonObject, isLast: boolean): void {
    const { modelVersion, responseId, candidates, promptFeedback, usageMetadata } = response;
    this.expect(Boolean(asString(modelVersion)) && Boolean(asString(responseId)), 'it has modelVersion and responseId');
    const identity = JSON.stringify([modelVersion, responseId]);
    this.#identity ??= identity;
    this.expect(identity === this.#identity, 'modelVersion and responseId stay the same');
    this.expect(!this.#isBlocked, 'nothing follows a blocked prompt');
    if (promptFeedback !== undefined) this.#feedback(asObject(promptFeedback) ?? {});
    this.expect(candidates !== undefined || this.#isBlocked, 'it has candidates');
    this.expect(candidates === undefined || asArray(candidates).length > 0, 'candidates are some');
    for (const candidate of asArray(candidates)) this.#candidate(asObject(candidate) ?? {});
    if (usageMetadata !== undefined) this.#usage(asObject(usageMetadata) ?? {});
    if (isLast) this.expect(usageMetadata !== undefined || !this.#isCounted, 'the last response has the last counts');
  }

  #feedback({ blockReason }: JsonObject): void {
    this.expect(blockReason === undefined || blockReasons.has(blockReason), 'the block reason is a known one');
    if (blockReason !== undefined) this.#isBlocked = true;
  }

  #candidate(candidate: JsonObject): void {
    const { index, content, finishReason } = candidate;
    const { role, parts } = asObject(content) ?? {};
    this.expect(isCount(index), 'a candidate has an index');
    this.expect(this.#finished.get(index) !== true, 'nothing follows the finish reason');
    this.expect(role === 'model', 'the model speaks');
    this.expect(asArray(parts).length > 0, 'content has parts');
    for (const part of asArray(parts)) this.#part(asObject(part) ?? {}, finishReason !== undefined);
    this.expect(finishReason === undefined || finishReasons.has(finishReason), 'the finish reason is a known one');
    this.#finished.set(index, finishReason !== undefined);
    for (const key of ['safetyRatings', 'groundingAttributions']) {
      this.expect(candidate[key] === undefined || Array.isArray(candidate[key]), `${key} is a list`);
    }
  }

  #part(part: JsonObject, isClosing: boolean): void {
    const { text, thought, thoughtSignature, functionCall, inlineData } = part;
    const given = partData.filter((key) => part[key] !== undefined);
    this.expect(given.length === 1, 'a part has exactly one kind of data');
    this.expect(thought === undefined || typeof thought === 'boolean', 'thought is true or false');
    this.expect(thoughtSignature === undefined || Boolean(asString(thoughtSignature)), 'a signature says something');
    if (text !== undefined) {
      this.expect(typeof text === 'string', 'text is a text');
      this.expect(text !== '' || isClosing || thoughtSignature !== undefined, 'only a last or signed text is empty');
    }
    if (functionCall !== undefined) this.#call(asObject(functionCall) ?? {});
    if (inlineData !== undefined) {
      const { mimeType, data } = asObject(inlineData) ?? {};
      this.expect(Boolean(asString(mimeType)) && Boolean(asString(data)), 'inline data have a type and bytes');
    }
  }

  #call({ id, name, args }: JsonObject): void {
    this.expect(Boolean(asString(name)), 'a call has a name');
    this.expect(args === undefined || isJsonObject(args), 'arguments are an object');
    this.expect(id === undefined || Boolean(asString(id)), 'an id is a word');
  }

  #usage(usage: JsonObject): void {
    this.#isCounted = true;
    const count = (key: string): number => Number(usage[key] ?? 0);
    for (const key of ['promptTokenCount', 'totalTokenCount']) this.expect(isCount(usage[key]), `${key} is a count`);
    for (const key of counts) this.expect(usage[key] === undefined || isCount(usage[key]), `${key} is a count`);
    const sum = ['promptTokenCount', ...counts].reduce((total, key) => total + count(key), 0);
    this.expect(count('totalTokenCount') === sum, 'usage has counts that add up');
    this.expect(count('cachedContentTokenCount') <= count('promptTokenCount'), 'the prompt holds what was cached');
  }
}

const counts = ['candidatesTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount'];
