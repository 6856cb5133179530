import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, type PromptToolChoice, words } from '../speech/prompt.ts';
import { contentText } from './content-text.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const messages = asObjects(body.messages);
  const tools = asObjects(asObjects(body.tools).map((tool) => tool.function));
  const results = messages.slice(messages.findLastIndex((message) => message.role !== 'tool') + 1);
  const question = messages.findLast((message) => message.role === 'user');
  return {
    model: route.model,
    stream: route.stream,
    question: contentText(question?.content),
    toolResults: results.map((message) => contentText(message.content)),
    inputTokens: countTokens(messages, tools),
    images: asObjects(question?.content).filter((part) => part.type === 'image_url').length,
    tools: tools.map((tool) => ({ name: asString(tool.name) ?? '', schema: asObject(tool.parameters) ?? {} })),
    toolChoice: readToolChoice(body.tool_choice),
    parallelToolCalls: true,
    maxTokens: asNumber(body.max_tokens),
    stop: asStrings(body.stop_sequences),
    choiceCount: 1,
    reasoning: thinks(body) ? 'visible' : 'none',
    format: readFormat(asObject(body.response_format)),
  };
}

/** Models that can think do so unless they are told not to; the fake ones wait to be asked. */
export function thinks(body: JsonObject): boolean {
  return asObject(body.thinking)?.type === 'enabled';
}

function countTokens(messages: readonly JsonObject[], tools: readonly JsonObject[]): number {
  const texts = messages.map((message) => contentText(message.content));
  const calls = messages.flatMap((message) => asArray(message.tool_calls)).map((call) => JSON.stringify(call));
  const declared = tools.map((tool) => JSON.stringify(tool));
  return 3 * messages.length + [...texts, ...calls, ...declared].reduce((total, text) => total + words(text).length, 0);
}

function readToolChoice(choice: JsonObject[string]): PromptToolChoice {
  if (choice === 'NONE') return { type: 'none' };
  return choice === 'REQUIRED' ? { type: 'required' } : { type: 'auto' };
}

function readFormat(format: JsonObject | undefined): PromptFormat {
  if (format?.type !== 'json_object') return { type: 'text' };
  const schema = asObject(format.json_schema) ?? asObject(format.schema);
  return schema === undefined ? { type: 'json' } : { type: 'schema', schema };
}
