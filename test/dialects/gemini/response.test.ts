import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { ChatAnswer, Choice } from '../../../src/dialects/canonical.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';

const { response, usage } = gemini();
const reply = { model: 'served', fallbackId: 'fallback', created: 1, includeUsage: true };

function choiceOf(candidate: JsonObject, rest: JsonObject = {}): Choice | undefined {
  const decoded = response.decode({ candidates: [candidate], ...rest });
  if (!('answer' in decoded)) throw new Error(decoded.fault.message);
  return decoded.answer.choices[0];
}

const said = (finishReason: JsonValue) => ({ content: { parts: [{ text: 'a' }] }, finishReason });

describe('a Gemini answer', () => {
  it.each<[JsonValue, Choice['finishReason'], string]>([
    ['STOP', 'stop', 'STOP'],
    ['MAX_TOKENS', 'length', 'MAX_TOKENS'],
    ['SAFETY', 'content_filter', 'SAFETY'],
    ['RECITATION', 'content_filter', 'RECITATION'],
    ['BLOCKLIST', 'content_filter', 'BLOCKLIST'],
    ['PROHIBITED_CONTENT', 'content_filter', 'PROHIBITED_CONTENT'],
    ['SPII', 'content_filter', 'SPII'],
    ['IMAGE_SAFETY', 'content_filter', 'IMAGE_SAFETY'],
    ['MODEL_ARMOR', 'content_filter', 'MODEL_ARMOR'],
    ['LANGUAGE', 'content_filter', 'LANGUAGE'],
    ['OTHER', 'stop', 'OTHER'],
    ['MALFORMED_FUNCTION_CALL', 'stop', 'MALFORMED_FUNCTION_CALL'],
    ['UNEXPECTED_TOOL_CALL', 'stop', 'UNEXPECTED_TOOL_CALL'],
    [1, 'stop', 'STOP'],
    [2, 'length', 'MAX_TOKENS'],
    [99, 'stop', '99'],
    ['constructor', 'stop', 'constructor'],
  ])('that ends with %j', (wire, finishReason, rawFinishReason) => {
    expect(choiceOf(said(wire))).toMatchObject({ finishReason, rawFinishReason });
  });

  it.each([
    ['STOP', 'tool_calls'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
  ])('with a call that ends with %s', (finishReason, expected) => {
    const content = { parts: [{ functionCall: { name: 'f', args: {} } }] };
    expect(choiceOf({ content, finishReason })?.finishReason).toBe(expected);
  });

  it('gives calls without an id the same ids every time, and others to other answers', () => {
    const content = { parts: [{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }] };
    const ids = (rest: JsonObject) =>
      choiceOf({ content }, rest)?.parts.map((part) => (part.type === 'tool-call' ? part.id : ''));
    expect(ids({ responseId: 'r1' })).toEqual(['gemini_call_r1_0', 'gemini_call_r1_1']);
    expect(ids({ responseId: 'r2' })).not.toEqual(ids({ responseId: 'r1' }));
    for (const rest of [{}, { responseId: 'x'.repeat(300) }, { responseId: 'odd id!' }]) {
      expect(ids(rest)).toEqual(ids(rest));
      for (const id of ids(rest) ?? []) expect(id).toMatch(/^[\w-]{1,64}$/);
    }
  });

  it('has a refused prompt as filtered content', () => {
    const decoded = response.decode({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { trafficType: 'X' } });
    expect(decoded).toMatchObject({
      answer: { choices: [{ index: 0, parts: [], finishReason: 'content_filter', rawFinishReason: 'SAFETY' }] },
    });
  });

  it.each<[string, JsonValue]>([
    ['usage alone', { usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } }],
    ['no candidate', { candidates: [] }],
    ['a candidate of nothing', { candidates: [{ index: 0 }] }],
    ['ratings of the prompt alone', { promptFeedback: { safetyRatings: [] } }],
  ])('is none with %s', (_, body) => {
    expect(() => response.decode(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });

  it('survives nonsense inside', () => {
    const content = {
      parts: [null, 7, 'x', {}, { text: 5 }, { functionCall: null }, { text: 'a', thoughtSignature: 7 }],
    };
    expect(choiceOf({ content, finishReason: null })?.parts.filter(({ type }) => type === 'text')).toEqual([
      { type: 'text', text: 'a' },
    ]);
  });

  it('has thinking apart from text, and images as parts of its own', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AA' }, thoughtSignature: 'c2ln' };
    const content = { parts: [{ text: 'Hm', thought: true }, { text: 'a' }, image] };
    expect(choiceOf({ content })?.parts).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'a' },
      { type: 'extension', dialect: 'gemini', data: image },
    ]);
  });

  it("has logprobs in OpenAI's form", () => {
    const logprobsResult = {
      chosenCandidates: [{ token: '\u00e9', tokenId: 5, logProbability: -0.25 }, { token: 'b' }],
      topCandidates: [{ candidates: [{ token: 'x', logProbability: -3 }] }],
    };
    expect(choiceOf({ ...said('STOP'), logprobsResult })?.logprobs).toEqual({
      content: [
        {
          token: '\u00e9',
          logprob: -0.25,
          bytes: [195, 169],
          top_logprobs: [{ token: 'x', logprob: -3, bytes: [120] }],
        },
        { token: 'b', logprob: 0, bytes: [98], top_logprobs: [] },
      ],
      refusal: null,
    });
  });
});

describe('an answer for a Gemini caller', () => {
  const answer = (choice: Partial<Choice>, rest: Partial<ChatAnswer> = {}): JsonObject =>
    response.encode(
      { id: '', model: 'm', choices: [{ index: 0, parts: [], finishReason: 'stop', ...choice }], ...rest },
      reply,
    );
  const candidate = (choice: Partial<Choice>) => (answer(choice).candidates as JsonObject[])[0];

  it.each<[Choice['finishReason'], string | undefined, string]>([
    ['stop', 'end_turn', 'STOP'],
    ['tool_calls', 'tool_use', 'STOP'],
    ['tool_calls', 'STOP', 'STOP'],
    ['length', 'max_tokens', 'MAX_TOKENS'],
    ['content_filter', 'refusal', 'SAFETY'],
    ['content_filter', 'RECITATION', 'RECITATION'],
    // Another dialect's word that Gemini has, too, with another meaning.
    ['length', 'STOP', 'MAX_TOKENS'],
    ['stop', 'COMPLETE', 'STOP'],
    ['stop', 'constructor', 'STOP'],
  ])('that ended with %s (%s) ends with %s', (finishReason, raw, expected) => {
    const rawFinishReason = raw === undefined ? {} : { rawFinishReason: raw };
    expect(candidate({ finishReason, ...rawFinishReason })?.finishReason).toBe(expected);
  });

  it('carries names, ids and the text of a refusal', () => {
    expect(answer({ parts: [{ type: 'refusal', text: 'No.' }], finishReason: 'content_filter' })).toEqual({
      candidates: [{ content: { role: 'model', parts: [{ text: 'No.' }] }, finishReason: 'SAFETY', index: 0 }],
      modelVersion: 'served',
      responseId: 'fallback',
    });
  });

  it('shows nothing that only other dialects know', () => {
    const parts: Choice['parts'] = [
      { type: 'reasoning', text: 'Hm', signature: { dialect: 'anthropic-messages', value: 'foreign' } },
      { type: 'extension', dialect: 'anthropic-messages', data: { type: 'foreign' } },
    ];
    const extensions = { 'openai-chat': { foreign: 1 } };
    const shown = JSON.stringify(answer({ parts, extensions }, { extensions }));
    expect(shown).not.toContain('foreign');
    // What can be read is shown.
    expect(shown).toContain('{"text":"Hm","thought":true}');
  });
});

describe('Gemini usage', () => {
  it.each([
    [
      { promptTokenCount: 5, totalTokenCount: 5 },
      { inputTokens: 5, outputTokens: 0 },
    ],
    [
      { promptTokenCount: 5, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
      { inputTokens: 5, outputTokens: 5, reasoningTokens: 3 },
    ],
    [
      { promptTokenCount: 5, toolUsePromptTokenCount: 7 },
      { inputTokens: 12, outputTokens: 0 },
    ],
    [
      { promptTokenCount: 5, cachedContentTokenCount: 4 },
      { inputTokens: 5, outputTokens: 0, cacheReadTokens: 4 },
    ],
    [
      { candidatesTokenCount: 2, totalTokenCount: 9 },
      { inputTokens: 7, outputTokens: 2 },
    ],
    [{ candidatesTokenCount: 2 }, undefined],
    [{ trafficType: 'ON_DEMAND' }, undefined],
    [{ promptTokenCount: -5 }, undefined],
  ])('of %j', (metadata, expected) => {
    expect(usage.decode(metadata as JsonObject)).toEqual(expected);
  });
});
