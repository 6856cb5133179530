import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerFinish, AnswerToolCall, AnswerUsage } from '../speech/prompt.ts';

/** https://ai.google.dev/api/generate-content#generatecontentresponse */
export function wholeAnswer(answer: Answer): JsonObject {
  const { usageMode } = answer;
  return {
    candidates: answer.choices.map((choice, index) => ({
      content: { parts: parts(choice, answer), role: 'model' },
      finishReason: finishReason(choice.finish),
      index,
    })),
    ...(usageMode !== 'nousage' && { usageMetadata: usage(usageMode === 'zerousage' ? noTokens : answer.usage) }),
    ...identity(answer),
  };
}

export function identity(answer: Answer): JsonObject {
  return { modelVersion: answer.model, responseId: answer.id };
}

function parts(choice: AnswerChoice, answer: Answer): readonly JsonObject[] {
  const thought = choice.reasoning.join('');
  const text = choice.text.join('');
  const signs = signsCalls(choice, answer);
  return [
    ...(thought === '' ? [] : [{ text: thought, thought: true }]),
    ...(text === '' ? [] : [{ text }]),
    ...choice.toolCalls.map((call, index) => functionCall(call, answer, index === 0 && signs ? 'signed' : 'plain')),
  ];
}

/** Gemini 3 gives its calls ids and signs the first of several parallel ones. */
export const thirdGeneration = /^gemini-3/;

export function signsCalls(choice: AnswerChoice, answer: Answer): boolean {
  return choice.reasoning.length > 0 || answer.usage.reasoning > 0 || thirdGeneration.test(answer.model);
}

export function functionCall(call: AnswerToolCall, answer: Answer, seal: 'signed' | 'plain'): JsonObject {
  const called = { name: call.name, args: args(call.arguments.join('')) };
  return {
    functionCall: thirdGeneration.test(answer.model) ? { ...called, id: call.id.slice(0, 8).toLowerCase() } : called,
    ...(seal === 'signed' && { thoughtSignature: signature(call.name) }),
  };
}

function args(text: string): JsonValue {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Opaque to clients, who must send it back on the same part. */
export function signature(name: string): string {
  return Buffer.from(`fake provider signature of ${name}`).toString('base64');
}

/** A natural stop is `STOP`, with tool calls as without. */
export function finishReason(finish: AnswerFinish): string {
  switch (finish) {
    case 'length':
      return 'MAX_TOKENS';
    case 'content_filter':
      return 'SAFETY';
    case 'stop':
    case 'tool_calls':
      return 'STOP';
  }
}

/** Thoughts are counted apart from the candidates; a count of zero is left out. */
export function usage({ input, output, reasoning, cacheRead }: AnswerUsage): JsonObject {
  const candidates = output - reasoning;
  return {
    promptTokenCount: input,
    ...(candidates > 0 && { candidatesTokenCount: candidates }),
    totalTokenCount: input + output,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
  };
}

export const noTokens: AnswerUsage = { input: 0, output: 0, reasoning: 0, cacheRead: 0 };
