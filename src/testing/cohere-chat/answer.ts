import type { JsonObject } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerToolCall, AnswerUsage } from '../speech/prompt.ts';
import { words } from '../speech/prompt.ts';
import { thinks } from './read-prompt.ts';

/** https://docs.cohere.com/reference/chat */
export function wholeAnswer(answer: Answer, body: JsonObject): JsonObject {
  const [choice] = answer.choices;
  return {
    id: answer.id,
    message: choice === undefined ? { role: 'assistant', content: [] } : message(choice, body),
    finish_reason: finishReason(choice),
    ...finalUsage(answer),
  };
}

function message(choice: AnswerChoice, body: JsonObject): JsonObject {
  const thinking = choice.reasoning.join('');
  const text = choice.text.join('');
  const plan = toolPlan(choice, body).join('');
  const content = [
    ...(thinking === '' ? [] : [{ type: 'thinking', thinking }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
  ];
  return {
    role: 'assistant',
    ...((content.length > 0 || choice.toolCalls.length === 0) && { content }),
    ...(plan !== '' && { tool_plan: plan }),
    ...(choice.toolCalls.length > 0 && {
      tool_calls: choice.toolCalls.map((call) => toolCall(call, call.arguments.join(''))),
    }),
  };
}

/** Models that do not think say what they are about to do before they call tools, unless they say anything else. */
export function toolPlan(choice: AnswerChoice, body: JsonObject): readonly string[] {
  const saysMore = choice.reasoning.length > 0 || choice.text.length > 0;
  if (choice.toolCalls.length === 0 || saysMore || thinks(body)) return [];
  return words(`I will use ${choice.toolCalls.map(({ name }) => name).join(' and ')}.`);
}

export function toolCall(call: AnswerToolCall, text: string): JsonObject {
  const id = `${call.name}_${call.id.slice(0, 12).toLowerCase()}`;
  return { id, type: 'function', function: { name: call.name, arguments: text } };
}

export function finishReason(choice: AnswerChoice | undefined): string {
  switch (choice?.finish) {
    case 'length':
      return 'MAX_TOKENS';
    case 'tool_calls':
      return 'TOOL_CALL';
    case 'content_filter':
      return 'ERROR_TOXIC';
    default:
      return choice?.stopSequence === undefined ? 'COMPLETE' : 'STOP_SEQUENCE';
  }
}

const noTokens: AnswerUsage = { input: 0, output: 0, reasoning: 0, cacheRead: 0 };

/** The member `usage`, where the answer has one. */
export function finalUsage({ usage: counts, usageMode }: Answer): JsonObject {
  if (usageMode === 'nousage') return {};
  return { usage: usage(usageMode === 'zerousage' ? noTokens : counts) };
}

/** What is charged leaves out the template around the prompt, here three tokens, and what nobody saw. */
export function usage({ input, output, reasoning, cacheRead }: AnswerUsage): JsonObject {
  return {
    billed_units: { input_tokens: Math.max(0, input - 3), output_tokens: output },
    tokens: { input_tokens: input, output_tokens: output, ...(reasoning > 0 && { reasoning_tokens: reasoning }) },
    cached_tokens: cacheRead,
  };
}
