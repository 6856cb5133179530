import type { JsonObject } from '../../core/json.ts';
import type { StreamEvent } from '../personality.ts';
import type { Answer, AnswerChoice, AnswerToolCall, UsageMode } from '../speech/prompt.ts';
import { ending, noTokens, openingUsage, usage } from './answer.ts';
import { signThinking } from './signature.ts';

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export function streamEvents(answer: Answer): readonly StreamEvent[] {
  const [choice] = answer.choices;
  const blocks = choice === undefined ? [] : contentBlocks(choice);
  const content = blocks.flatMap((block, index) => blockEvents(block, index));
  const counted = answer.usageMode === 'cumulative' ? countAlong(content, answer) : content;
  const finish = messageDelta(ending(choice), finalUsage(answer));
  return [
    messageStart(answer),
    ...withPing(counted),
    { ...finish, kind: 'finish' },
    ...(answer.usageMode === 'dupusage' ? [{ ...finish, kind: 'usage' } as const] : []),
    event('done', 'message_stop', {}),
  ];
}

interface Block {
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
}

function contentBlocks(choice: AnswerChoice): readonly Block[] {
  return [
    ...(choice.reasoning.length === 0 ? [] : [thinkingBlock(choice.reasoning)]),
    ...(choice.text.length === 0 ? [] : [textBlock(choice.text)]),
    ...choice.toolCalls.map(toolBlock),
  ];
}

/** The signature comes in one piece, last. */
function thinkingBlock(pieces: readonly string[]): Block {
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [
      ...pieces.map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: signThinking(pieces.join('')) },
    ],
  };
}

function textBlock(pieces: readonly string[]): Block {
  return { start: { type: 'text', text: '' }, deltas: pieces.map((text) => ({ type: 'text_delta', text })) };
}

/** An empty delta opens the arguments; a call without arguments has no other. */
function toolBlock(call: AnswerToolCall): Block {
  const pieces = call.arguments.join('') === '{}' ? [] : call.arguments;
  return {
    start: { type: 'tool_use', id: `toolu_01${call.id}`, name: call.name, input: {} },
    deltas: ['', ...pieces].map((partial) => ({ type: 'input_json_delta', partial_json: partial })),
  };
}

function blockEvents(block: Block, index: number): readonly StreamEvent[] {
  return [
    event('other', 'content_block_start', { index, content_block: block.start }),
    ...block.deltas.map((delta) =>
      event(carriesOutput(delta) ? 'content' : 'other', 'content_block_delta', { index, delta }),
    ),
    event('other', 'content_block_stop', { index }),
  ];
}

function carriesOutput(delta: JsonObject): boolean {
  return delta.type !== 'signature_delta' && delta.partial_json !== '';
}

/** A ping may come anywhere after the start; Anthropic sends one after the first block has been opened. */
function withPing(events: readonly StreamEvent[]): readonly StreamEvent[] {
  const ping = event('other', 'ping', {});
  return events.length === 0 ? [ping] : [...events.slice(0, 1), ping, ...events.slice(1)];
}

function messageStart(answer: Answer): StreamEvent {
  const message = {
    id: `msg_01${answer.id}`,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
  return event('opening', 'message_start', { message: { ...message, ...startUsage(answer) } });
}

/** The input side is known at the start; the output side is a meaningless first count there. */
function startUsage(answer: Answer): JsonObject {
  const early: Readonly<Record<UsageMode, JsonObject>> = {
    normal: { usage: openingUsage({ ...answer.usage, output: 1 }) },
    dupusage: { usage: openingUsage({ ...answer.usage, output: 1 }) },
    cumulative: { usage: openingUsage({ ...answer.usage, output: 0 }) },
    usage_on_choice: { usage: openingUsage(noTokens) },
    zerousage: { usage: openingUsage(noTokens) },
    nousage: {},
  };
  return early[answer.usageMode];
}

function finalUsage({ usage: counts, usageMode }: Answer): JsonObject {
  if (usageMode === 'nousage') return {};
  return { usage: usage(usageMode === 'zerousage' ? noTokens : counts) };
}

/** Compatible servers exist that send `message_delta` with the count so far again and again. */
function countAlong(events: readonly StreamEvent[], answer: Answer): readonly StreamEvent[] {
  let output = 0;
  return events.flatMap((one) => {
    if (one.kind !== 'content') return [one];
    output = Math.min(output + 1, answer.usage.output);
    const delta = messageDelta(
      { stop_reason: null, stop_sequence: null },
      { usage: usage({ ...answer.usage, output }) },
    );
    return [one, delta];
  });
}

function messageDelta(delta: JsonObject, usageFields: JsonObject): StreamEvent {
  return event('usage', 'message_delta', { delta, ...usageFields });
}

function event(kind: StreamEvent['kind'], type: string, fields: JsonObject): StreamEvent {
  return { kind, event: type, data: { type, ...fields } };
}
