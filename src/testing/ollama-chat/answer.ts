import { asArray, type JsonObject, parseObject } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerToolCall, AnswerUsage } from '../speech/prompt.ts';

const noChoice: AnswerChoice = { reasoning: [], text: [], toolCalls: [], finish: 'stop', stopSequence: undefined };

/** The one answer: the API gives no more. */
export function choiceOf({ choices }: Answer): AnswerChoice {
  return choices[0] ?? noChoice;
}

/** https://docs.ollama.com/api/chat */
export function wholeAnswer(answer: Answer, body: JsonObject): JsonObject {
  if (asArray(body.messages).length === 0) return loadedAnswer(answer, body);
  const { reasoning, text, toolCalls } = choiceOf(answer);
  const message = {
    role: 'assistant',
    content: text.join(''),
    ...(reasoning.length > 0 && { thinking: reasoning.join('') }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(toolCall) }),
  };
  return { ...lineHead(answer), message, ...ending(answer) };
}

/** Without messages a request loads the model, or with `keep_alive: 0` unloads it, and nothing is generated. */
export function loadedAnswer(answer: Answer, body: JsonObject): JsonObject {
  const message = { role: 'assistant', content: '' };
  return { ...lineHead(answer), message, done: true, done_reason: body.keep_alive === 0 ? 'unload' : 'load' };
}

export function lineHead({ model, created }: Answer): JsonObject {
  return { model, created_at: new Date(created * 1000).toISOString() };
}

/** Calls come whole, their arguments as an object; of what is none the server makes no call with arguments. */
export function toolCall(call: AnswerToolCall, index: number): JsonObject {
  const given = parseObject(call.arguments.join('')) ?? {};
  return { id: `call_${call.id}`, function: { index, name: call.name, arguments: given } };
}

/** How an answer ends: `stop` after tool calls, too. Durations are in nanoseconds. */
export function ending(answer: Answer): JsonObject {
  const { finish } = choiceOf(answer);
  return {
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: 1_671_921_584,
    load_duration: 140_923_875,
    ...counts(answer),
  };
}

const noTokens: AnswerUsage = { input: 0, output: 0, reasoning: 0, cacheRead: 0 };

function counts({ usage, usageMode }: Answer): JsonObject {
  return usageMode === 'nousage' ? {} : countsOf(usageMode === 'zerousage' ? noTokens : usage);
}

/** https://docs.ollama.com/api/usage */
export function countsOf({ input, output }: AnswerUsage): JsonObject {
  return {
    prompt_eval_count: input,
    prompt_eval_duration: 155_740_000,
    eval_count: output,
    eval_duration: 1_361_034_000,
  };
}
