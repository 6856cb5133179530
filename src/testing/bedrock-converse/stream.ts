import type { JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer, AnswerChoice, AnswerToolCall } from '../speech/prompt.ts';
import { counts, metrics, reportedUsage, stopReason, toolUseId } from './answer.ts';
import { signReasoning } from './signature.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
export function streamEvents(answer: Answer): readonly StreamEvent[] {
  const [choice] = answer.choices;
  const content = choice === undefined ? [] : contentBlocks(choice).flatMap(blockEvents);
  const early = answer.usageMode === 'usage_on_choice';
  const metadata = event('usage', 'metadata', { metrics, ...reportedUsage(answer) });
  return [
    event('opening', 'messageStart', { role: 'assistant' }),
    ...(answer.usageMode === 'cumulative' ? countAlong(content, answer) : content),
    event('finish', 'messageStop', { stopReason: stopReason(choice), ...(early && reportedUsage(answer)) }),
    ...(early ? [] : [metadata]),
    ...(answer.usageMode === 'dupusage' ? [metadata] : []),
  ];
}

interface Block {
  /** Text and reasoning have none. */
  readonly start?: JsonObject;
  readonly deltas: readonly JsonObject[];
}

function contentBlocks(choice: AnswerChoice): readonly Block[] {
  return [
    ...(choice.reasoning.length === 0 ? [] : [reasoningBlock(choice.reasoning)]),
    ...(choice.text.length === 0 ? [] : [{ deltas: choice.text.map((text) => ({ text })) }]),
    ...choice.toolCalls.map(toolBlock),
  ];
}

/** The signature comes in one piece, last. */
function reasoningBlock(pieces: readonly string[]): Block {
  const contents = [...pieces.map((text) => ({ text })), { signature: signReasoning(pieces.join('')) }];
  return { deltas: contents.map((reasoningContent) => ({ reasoningContent })) };
}

/** An empty delta opens the input; a call without arguments has no other. */
function toolBlock(call: AnswerToolCall): Block {
  const pieces = call.arguments.join('') === '{}' ? [] : call.arguments;
  return {
    start: { toolUse: { name: call.name, toolUseId: toolUseId(call.id) } },
    deltas: ['', ...pieces].map((input) => ({ toolUse: { input } })),
  };
}

function blockEvents({ start, deltas }: Block, contentBlockIndex: number): readonly StreamEvent[] {
  return [
    ...(start === undefined ? [] : [event('other', 'contentBlockStart', { contentBlockIndex, start })]),
    ...deltas.map((delta) => event(carriesOutput(delta), 'contentBlockDelta', { contentBlockIndex, delta })),
    event('other', 'contentBlockStop', { contentBlockIndex }),
  ];
}

function carriesOutput(delta: JsonObject): 'content' | 'other' {
  return /"signature":|"input":""/.test(JSON.stringify(delta)) ? 'other' : 'content';
}

/** Compatible servers may report the count so far again and again. */
function countAlong(events: readonly StreamEvent[], { usage }: Answer): readonly StreamEvent[] {
  let output = 0;
  return events.flatMap((one) => {
    if (one.kind !== 'content') return [one];
    output = Math.min(output + 1, usage.output);
    return [one, event('usage', 'metadata', { metrics, usage: counts({ ...usage, output }) })];
  });
}

/** `p` is padding, so that the length of a frame does not give away what is in it. */
const padding = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function event(kind: StreamEvent['kind'], name: string, fields: JsonObject): StreamEvent {
  const length = 4 + ((JSON.stringify(fields).length * 7) % (padding.length - 4));
  return { kind, event: name, data: { ...fields, p: padding.slice(0, length) } };
}
