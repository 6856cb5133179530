import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerUsage } from '../speech/prompt.ts';
import { signThinking } from './signature.ts';

/** https://docs.anthropic.com/en/api/messages#response-id */
export function wholeAnswer(answer: Answer): JsonObject {
  const { usageMode } = answer;
  return {
    id: `msg_01${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: answer.choices.slice(0, 1).flatMap(blocks),
    ...ending(answer.choices[0]),
    ...(usageMode !== 'nousage' && { usage: openingUsage(usageMode === 'zerousage' ? noTokens : answer.usage) }),
  };
}

function blocks(choice: AnswerChoice): readonly JsonObject[] {
  const thinking = choice.reasoning.join('');
  const text = choice.text.join('');
  return [
    ...(thinking === '' ? [] : [{ type: 'thinking', thinking, signature: signThinking(thinking) }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...choice.toolCalls.map((call) => ({
      type: 'tool_use',
      id: `toolu_01${call.id}`,
      name: call.name,
      input: input(call.arguments.join('')),
    })),
  ];
}

/** Arguments that `max_tokens` broke off cannot be an object; Anthropic then sends an empty one. */
function input(text: string): JsonValue {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The fields that say why the model stopped. */
export function ending(choice: AnswerChoice | undefined): JsonObject {
  return { stop_reason: stopReason(choice), stop_sequence: choice?.stopSequence ?? null };
}

function stopReason(choice: AnswerChoice | undefined): string {
  switch (choice?.finish) {
    case 'length':
      return 'max_tokens';
    case 'tool_calls':
      return 'tool_use';
    case 'content_filter':
      return 'refusal';
    default:
      return choice?.stopSequence === undefined ? 'end_turn' : 'stop_sequence';
  }
}

/** Anthropic counts what its cache served apart from `input_tokens`. */
export function usage({ input, output, cacheRead }: AnswerUsage): JsonObject {
  return {
    input_tokens: input - cacheRead,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cacheRead,
    output_tokens: output,
  };
}

/** Usage of a whole answer and of `message_start`; `message_delta` has the counts alone. */
export function openingUsage(counts: AnswerUsage): JsonObject {
  return { ...usage(counts), service_tier: 'standard' };
}

export const noTokens: AnswerUsage = { input: 0, output: 0, reasoning: 0, cacheRead: 0 };
