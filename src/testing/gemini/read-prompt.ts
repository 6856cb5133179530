import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { asStrings } from '../json-lists.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, type PromptToolChoice, words } from '../speech/prompt.ts';
import { partText, type RequestView, viewRequest } from './request-view.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const view = viewRequest(body);
  const lastTurn = view.contents.findLast((content) => content.role !== 'model')?.parts ?? [];
  return {
    model: route.model,
    stream: route.stream,
    question: lastTurn.map((part) => asString(part.text) ?? '').join(''),
    toolResults: lastTurn.flatMap(resultText),
    inputTokens: countTokens(view),
    images: lastTurn.filter((part) => part.inlineData !== undefined || part.fileData !== undefined).length,
    tools: view.functions.map((declared) => ({
      name: asString(declared.name) ?? '',
      schema: asObject(declared.parameters ?? declared.parametersJsonSchema) ?? {},
    })),
    toolChoice: readToolChoice(view),
    parallelToolCalls: true,
    maxTokens: asNumber(view.generation.maxOutputTokens),
    stop: asStrings(view.generation.stopSequences),
    choiceCount: asNumber(view.generation.candidateCount) ?? 1,
    reasoning: readReasoning(view),
    format: readFormat(view),
  };
}

function resultText(part: JsonObject): readonly string[] {
  const response = asObject(asObject(part.functionResponse)?.response);
  return response === undefined ? [] : [asString(response.result) ?? JSON.stringify(response)];
}

function countTokens(view: RequestView): number {
  const parts = [...view.systemParts, ...view.contents.flatMap((content) => content.parts)];
  const texts = [...parts.map(partText), ...view.functions.map((declared) => JSON.stringify(declared))];
  return 3 * view.contents.length + texts.reduce((total, text) => total + words(text).length, 0);
}

function readToolChoice({ callingMode, allowedNames }: RequestView): PromptToolChoice {
  if (callingMode === 'NONE') return { type: 'none' };
  if (callingMode !== 'ANY') return { type: 'auto' };
  return { type: 'required', ...(allowedNames !== undefined && { names: allowedNames }) };
}

function readReasoning({ thinking }: RequestView): Prompt['reasoning'] {
  if (thinking === undefined || thinking.thinkingBudget === 0) return 'none';
  return thinking.includeThoughts === true ? 'visible' : 'hidden';
}

function readFormat({ generation }: RequestView): PromptFormat {
  if (generation.responseMimeType !== 'application/json') return { type: 'text' };
  const schema = asObject(generation.responseJsonSchema ?? generation.responseSchema);
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema };
}
