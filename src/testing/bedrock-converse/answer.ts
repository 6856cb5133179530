import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerUsage } from '../speech/prompt.ts';
import { signReasoning } from './signature.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function wholeAnswer(answer: Answer): JsonObject {
  return {
    metrics,
    output: { message: { content: answer.choices.slice(0, 1).flatMap(blocks), role: 'assistant' } },
    stopReason: stopReason(answer.choices[0]),
    ...reportedUsage(answer),
  };
}

export const metrics: JsonObject = { latencyMs: 412 };

function blocks(choice: AnswerChoice): readonly JsonObject[] {
  const thinking = choice.reasoning.join('');
  const text = choice.text.join('');
  const reasoningText = { text: thinking, signature: signReasoning(thinking) };
  return [
    ...(thinking === '' ? [] : [{ reasoningContent: { reasoningText } }]),
    ...(text === '' ? [] : [{ text }]),
    ...choice.toolCalls.map((call) => ({
      toolUse: { input: input(call.arguments.join('')), name: call.name, toolUseId: toolUseId(call.id) },
    })),
  ];
}

export function toolUseId(id: string): string {
  return `tooluse_${id}`;
}

/** Arguments that the limit broke off cannot be an object; Bedrock then sends an empty one. */
function input(text: string): JsonValue {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function stopReason(choice: AnswerChoice | undefined): string {
  switch (choice?.finish) {
    case 'length':
      return 'max_tokens';
    case 'tool_calls':
      return 'tool_use';
    case 'content_filter':
      return 'content_filtered';
    default:
      return choice?.stopSequence === undefined ? 'end_turn' : 'stop_sequence';
  }
}

/** The `usage` member, where there is one. */
export function reportedUsage({ usage, usageMode }: Answer): JsonObject {
  if (usageMode === 'nousage') return {};
  return { usage: counts(usageMode === 'zerousage' ? { input: 0, output: 0, reasoning: 0, cacheRead: 0 } : usage) };
}

/** What the prompt cache served is counted apart from `inputTokens`. */
export function counts({ input, output, cacheRead }: AnswerUsage): JsonObject {
  return {
    ...(cacheRead > 0 && { cacheReadInputTokens: cacheRead, cacheWriteInputTokens: 0 }),
    inputTokens: input - cacheRead,
    outputTokens: output,
    totalTokens: input + output,
  };
}
