import { asObject, type JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer, AnswerChoice, AnswerToolCall } from '../speech/prompt.ts';
import { finishReason, logprobs, noTokens, usage } from './answer.ts';

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export function streamEvents(answer: Answer, body: JsonObject): readonly StreamEvent[] {
  const asked = asObject(body.stream_options)?.include_usage === true;
  const events = answer.choices.flatMap((choice, index) => choiceEvents(choice, index, body));
  const chunks = events.map((event, index) => chunk(answer, event, usageField({ answer, events, index, asked })));
  return [...chunks, ...usageChunks(answer, asked), { kind: 'done', data: '[DONE]' }];
}

interface ChoiceEvent {
  readonly kind: StreamEvent['kind'];
  readonly choice: JsonObject;
}

function choiceEvents(choice: AnswerChoice, index: number, body: JsonObject): readonly ChoiceEvent[] {
  const delta = (kind: StreamEvent['kind'], fields: JsonObject, pieces: readonly string[] = []): ChoiceEvent => ({
    kind,
    choice: {
      index,
      delta: fields,
      logprobs: body.logprobs === true && pieces.length > 0 ? logprobs(pieces) : null,
      finish_reason: null,
    },
  });
  const content = choice.toolCalls.length > 0 && choice.text.length === 0 ? null : '';
  return [
    delta('opening', { role: 'assistant', content, refusal: null }),
    ...choice.reasoning.map((text) => delta('content', { reasoning_content: text })),
    ...choice.text.map((text) => delta('content', { content: text }, [text])),
    ...choice.toolCalls
      .flatMap((call, position) => toolCallDeltas(call, position))
      .map((fields) => delta('content', fields)),
    { kind: 'finish', choice: { index, delta: {}, logprobs: null, finish_reason: finishReason(choice, body) } },
  ];
}

function toolCallDeltas(call: AnswerToolCall, index: number): readonly JsonObject[] {
  const opening = { index, id: `call_${call.id}`, type: 'function', function: { name: call.name, arguments: '' } };
  return [
    { tool_calls: [opening] },
    ...call.arguments.map((text) => ({ tool_calls: [{ index, function: { arguments: text } }] })),
  ];
}

function chunk(answer: Answer, event: ChoiceEvent, usageFields: JsonObject): StreamEvent {
  return { kind: event.kind, data: { ...envelope(answer), choices: [event.choice], ...usageFields } };
}

function envelope(answer: Answer): JsonObject {
  return {
    id: `chatcmpl-${answer.id}`,
    object: 'chat.completion.chunk',
    created: answer.created,
    model: answer.model,
    service_tier: 'default',
    system_fingerprint: 'fp_demo000000',
  };
}

interface Position {
  readonly answer: Answer;
  readonly events: readonly ChoiceEvent[];
  readonly index: number;
  /** Whether the request has `stream_options.include_usage`. */
  readonly asked: boolean;
}

/** The `usage` field of a chunk that has a choice. With usage asked for, OpenAI sends `null` there. */
function usageField({ answer, events, index, asked }: Position): JsonObject {
  const last = index === events.length - 1;
  switch (answer.usageMode) {
    case 'cumulative': {
      const output = events.slice(0, index + 1).filter((event) => event.kind === 'content').length;
      return {
        usage: usage(
          last ? answer.usage : { ...answer.usage, output: Math.min(output, answer.usage.output), reasoning: 0 },
        ),
      };
    }
    case 'usage_on_choice':
      return last ? { usage: usage(answer.usage) } : {};
    case 'nousage':
      return {};
    default:
      return asked ? { usage: null } : {};
  }
}

/** The chunk with usage alone, where the request asked for it. */
function usageChunks(answer: Answer, asked: boolean): readonly StreamEvent[] {
  const counts = answer.usageMode === 'zerousage' ? noTokens : answer.usage;
  const event: StreamEvent = { kind: 'usage', data: { ...envelope(answer), choices: [], usage: usage(counts) } };
  switch (answer.usageMode) {
    case 'normal':
    case 'zerousage':
      return asked ? [event] : [];
    case 'dupusage':
      return asked ? [event, event] : [];
    default:
      return [];
  }
}
