import { asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, words } from '../speech/prompt.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const messages = asObjects(body.messages);
  const tools = asObjects(asObjects(body.tools).map((tool) => tool.function));
  const options = asObject(body.options) ?? {};
  const question = messages.findLast((message) => message.role === 'user');
  const lastTurn = messages.slice(messages.findLastIndex((message) => message.role !== 'tool') + 1);
  return {
    model: route.model,
    stream: route.stream,
    question: asString(question?.content) ?? '',
    toolResults: lastTurn.map((message) => asString(message.content) ?? ''),
    inputTokens: countTokens(messages, tools),
    images: asStrings(question?.images).length,
    tools: tools.map((tool) => ({ name: asString(tool.name) ?? '', schema: asObject(tool.parameters) ?? {} })),
    toolChoice: { type: 'auto' },
    parallelToolCalls: true,
    maxTokens: readLimit(options.num_predict),
    stop: asStrings(options.stop),
    choiceCount: 1,
    reasoning: body.think === undefined || body.think === null || body.think === false ? 'none' : 'visible',
    format: readFormat(body.format),
  };
}

function countTokens(messages: readonly JsonObject[], tools: readonly JsonObject[]): number {
  const texts = messages.flatMap(({ content, tool_calls: calls }) => [
    asString(content) ?? '',
    ...asObjects(calls).map((call) => JSON.stringify(call)),
  ]);
  const declared = tools.map((tool) => JSON.stringify(tool));
  return 3 * messages.length + [...texts, ...declared].reduce((total, text) => total + words(text).length, 0);
}

/** Below 1 are words: no limit, or what the context holds. */
function readLimit(limit: JsonValue | undefined): number | undefined {
  const number = asNumber(limit);
  return number === undefined || number < 1 ? undefined : number;
}

function readFormat(format: JsonValue | undefined): PromptFormat {
  if (format === 'json') return { type: 'json' };
  const schema = asObject(format);
  return schema === undefined ? { type: 'text' } : { type: 'schema', schema };
}
