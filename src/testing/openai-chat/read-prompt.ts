import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, type PromptToolChoice, words } from '../speech/prompt.ts';
import { contentText } from './content-text.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const messages = asObjects(body.messages);
  const tools = asObjects(asObjects(body.tools).map((tool) => tool.function));
  const lastTurn = messages.slice(messages.findLastIndex((message) => message.role !== 'tool') + 1);
  const question = messages.findLast((message) => message.role === 'user');
  return {
    model: route.model,
    stream: route.stream,
    question: contentText(question?.content),
    toolResults: lastTurn.map((message) => contentText(message.content)),
    inputTokens: countTokens(messages, tools),
    images: asObjects(question?.content).filter((part) => part.type === 'image_url').length,
    tools: tools.map((tool) => ({ name: asString(tool.name) ?? '', schema: asObject(tool.parameters) ?? {} })),
    toolChoice: readToolChoice(body.tool_choice),
    parallelToolCalls: body.parallel_tool_calls !== false,
    maxTokens: asNumber(body.max_completion_tokens) ?? asNumber(body.max_tokens),
    stop: typeof body.stop === 'string' ? [body.stop] : asStrings(body.stop),
    choiceCount: asNumber(body.n) ?? 1,
    reasoning: readReasoning(body, contentText(question?.content)),
    format: readFormat(asObject(body.response_format)),
  };
}

function countTokens(messages: readonly JsonObject[], tools: readonly JsonObject[]): number {
  const texts = messages.map((message) => contentText(message.content));
  const calls = messages.flatMap((message) => asArray(message.tool_calls)).map((call) => JSON.stringify(call));
  const declared = tools.map((tool) => JSON.stringify(tool));
  return 3 * messages.length + [...texts, ...calls, ...declared].reduce((total, text) => total + words(text).length, 0);
}

/**
 * OpenAI never shows its reasoning. "think aloud" in the question gives `reasoning_content`, as DeepSeek and others send
 * it: https://api-docs.deepseek.com/guides/thinking_mode
 */
function readReasoning(body: JsonObject, question: string): Prompt['reasoning'] {
  if (/\bthink aloud\b/i.test(question)) return 'visible';
  const effort = body.reasoning_effort;
  return effort === undefined || effort === null || effort === 'none' ? 'none' : 'hidden';
}

function readToolChoice(choice: JsonObject[string]): PromptToolChoice {
  if (choice === 'none') return { type: 'none' };
  if (choice === 'required') return { type: 'required' };
  const object = asObject(choice);
  const named = asString(asObject(object?.function)?.name);
  if (named !== undefined) return { type: 'required', names: [named] };
  const allowed = asObject(object?.allowed_tools);
  if (allowed?.mode !== 'required') return { type: 'auto' };
  const names = asStrings(asObjects(allowed.tools).map((tool) => asObject(tool.function)?.name));
  return { type: 'required', names };
}

function readFormat(format: JsonObject | undefined): PromptFormat {
  if (format?.type === 'json_object') return { type: 'json' };
  const schema = asObject(asObject(format?.json_schema)?.schema);
  return schema === undefined ? { type: 'text' } : { type: 'schema', schema };
}
