import type { JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer, AnswerToolCall } from '../speech/prompt.ts';
import { finalUsage, finishReason, toolCall, toolPlan, usage } from './answer.ts';

/** https://docs.cohere.com/docs/streaming */
export function streamEvents(answer: Answer, body: JsonObject): readonly StreamEvent[] {
  const [choice] = answer.choices;
  const contents = [
    { kind: 'thinking', pieces: choice?.reasoning ?? [] },
    { kind: 'text', pieces: choice?.text ?? [] },
  ].filter(({ pieces }) => pieces.length > 0);
  const plan = choice === undefined ? [] : toolPlan(choice, body);
  const content = [
    ...contents.flatMap((part, index) => contentEvents(part, index)),
    ...plan.map((text) => event('content', 'tool-plan-delta', { delta: { message: { tool_plan: text } } })),
    ...(choice?.toolCalls ?? []).flatMap(callEvents),
  ];
  const end = event('finish', 'message-end', {
    delta: { finish_reason: finishReason(choice), ...finalUsage(answer) },
  });
  return [
    messageStart(answer),
    ...(answer.usageMode === 'cumulative' ? countAlong(content, answer) : content),
    end,
    ...(answer.usageMode === 'dupusage' ? [{ ...end, kind: 'usage' } as const] : []),
    { kind: 'done', data: '[DONE]' },
  ];
}

function messageStart({ id }: Answer): StreamEvent {
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] };
  return { kind: 'opening', event: 'message-start', data: { id, type: 'message-start', delta: { message } } };
}

interface ContentPart {
  readonly kind: string;
  readonly pieces: readonly string[];
}

function contentEvents({ kind, pieces }: ContentPart, index: number): readonly StreamEvent[] {
  const start = { index, delta: { message: { content: { type: kind, [kind]: '' } } } };
  return [
    event('other', 'content-start', start),
    ...pieces.map((piece) =>
      event('content', 'content-delta', { index, delta: { message: { content: { [kind]: piece } } } }),
    ),
    event('other', 'content-end', { index }),
  ];
}

function callEvents(call: AnswerToolCall, index: number): readonly StreamEvent[] {
  return [
    event('other', 'tool-call-start', { index, delta: { message: { tool_calls: toolCall(call, '') } } }),
    ...call.arguments.map((text) =>
      event('content', 'tool-call-delta', {
        index,
        delta: { message: { tool_calls: { function: { arguments: text } } } },
      }),
    ),
    event('other', 'tool-call-end', { index }),
  ];
}

/** The count so far, again and again, in ends of a message that end nothing. */
function countAlong(events: readonly StreamEvent[], answer: Answer): readonly StreamEvent[] {
  let output = 0;
  return events.flatMap((one) => {
    if (one.kind !== 'content') return [one];
    output = Math.min(output + 1, answer.usage.output);
    return [one, event('usage', 'message-end', { delta: { usage: usage({ ...answer.usage, output }) } })];
  });
}

function event(kind: StreamEvent['kind'], type: string, fields: JsonObject): StreamEvent {
  return { kind, event: type, data: { type, ...fields } };
}
