import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import { contentText } from '../openai-chat/content-text.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, type PromptToolChoice, words } from '../speech/prompt.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : asObjects(body.input);
  const tools = asObjects(body.tools).filter((tool) => tool.type === 'function');
  const isResult = ({ type }: JsonObject): boolean => type === 'function_call_output';
  const lastTurn = items.slice(items.findLastIndex((item) => !isResult(item)) + 1);
  const question = items.findLast((item) => item.role === 'user');
  return {
    model: route.model,
    stream: route.stream,
    question: contentText(question?.content),
    toolResults: lastTurn.map((item) => contentText(item.output)),
    inputTokens: countTokens(body, items, tools),
    images: asObjects(question?.content).filter((part) => part.type === 'input_image').length,
    tools: tools.map((tool) => ({ name: asString(tool.name) ?? '', schema: asObject(tool.parameters) ?? {} })),
    toolChoice: readToolChoice(body.tool_choice),
    parallelToolCalls: body.parallel_tool_calls !== false,
    maxTokens: asNumber(body.max_output_tokens),
    stop: [],
    choiceCount: 1,
    reasoning: readReasoning(body, contentText(question?.content)),
    format: readFormat(asObject(asObject(body.text)?.format)),
  };
}

function countTokens(body: JsonObject, items: readonly JsonObject[], tools: readonly JsonObject[]): number {
  const texts = items.map((item) => contentText(item.content) || contentText(item.output));
  const calls = items.filter((item) => item.type === 'function_call').map((call) => JSON.stringify(call));
  const declared = tools.map((tool) => JSON.stringify(tool));
  const all = [asString(body.instructions) ?? '', ...texts, ...calls, ...declared];
  return 3 * items.length + all.reduce((total, text) => total + words(text).length, 0);
}

/** The summary of what the model thinks is shown to those who ask for it. */
function readReasoning(body: JsonObject, question: string): Prompt['reasoning'] {
  const reasoning = asObject(body.reasoning);
  if (typeof reasoning?.summary === 'string' || /\bthink aloud\b/i.test(question)) return 'visible';
  const effort = asString(reasoning?.effort);
  return effort === undefined || effort === 'none' ? 'none' : 'hidden';
}

function readToolChoice(choice: JsonObject[string]): PromptToolChoice {
  if (choice === 'none') return { type: 'none' };
  if (choice === 'required') return { type: 'required' };
  const object = asObject(choice);
  if (object?.type === 'function') return { type: 'required', names: asStrings([object.name]) };
  if (object?.type !== 'allowed_tools' || object.mode !== 'required') return { type: 'auto' };
  return { type: 'required', names: asStrings(asObjects(object.tools).map((tool) => tool.name)) };
}

function readFormat(format: JsonObject | undefined): PromptFormat {
  if (format?.type === 'json_object') return { type: 'json' };
  const schema = asObject(format?.schema);
  return schema === undefined ? { type: 'text' } : { type: 'schema', schema };
}
