import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Answer, AnswerChoice, AnswerUsage } from '../speech/prompt.ts';

/** https://platform.openai.com/docs/api-reference/chat/object */
export function wholeAnswer(answer: Answer, body: JsonObject): JsonObject {
  const { usageMode } = answer;
  return {
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: answer.choices.map((choice, index) => ({
      index,
      message: message(choice),
      logprobs: body.logprobs === true ? logprobs(choice.text) : null,
      finish_reason: finishReason(choice, body),
    })),
    ...(usageMode !== 'nousage' && { usage: usage(usageMode === 'zerousage' ? noTokens : answer.usage) }),
    service_tier: 'default',
    system_fingerprint: 'fp_demo000000',
  };
}

function message(choice: AnswerChoice): JsonObject {
  const text = choice.text.join('');
  return {
    role: 'assistant',
    content: text === '' && choice.toolCalls.length > 0 ? null : text,
    refusal: null,
    annotations: [],
    ...(choice.reasoning.length > 0 && { reasoning_content: choice.reasoning.join('') }),
    ...(choice.toolCalls.length > 0 && {
      tool_calls: choice.toolCalls.map((call) => ({
        id: `call_${call.id}`,
        type: 'function',
        function: { name: call.name, arguments: call.arguments.join('') },
      })),
    }),
  };
}

/** A tool named in `tool_choice` is answered with `stop`, although `tool_calls` is filled: recorded traffic shows it. */
export function finishReason(choice: AnswerChoice, body: JsonObject): JsonValue {
  const named = typeof body.tool_choice === 'object' && body.tool_choice !== null;
  return named && choice.finish === 'tool_calls' ? 'stop' : choice.finish;
}

/** https://platform.openai.com/docs/api-reference/chat/object#chat/object-usage */
export function usage({ input, output, reasoning, cacheRead }: AnswerUsage): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

export const noTokens: AnswerUsage = { input: 0, output: 0, reasoning: 0, cacheRead: 0 };

export function logprobs(pieces: readonly string[]): JsonObject {
  return {
    content: pieces.map((token) => ({ token, logprob: -0.1, bytes: [...Buffer.from(token)], top_logprobs: [] })),
    refusal: null,
  };
}
