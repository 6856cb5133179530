import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../canonical.ts';
import { hasText } from '../has-text.ts';
import {
  type BlockKinds,
  type Conversation,
  joinTurns,
  type PlacedMessage,
  placeOf,
  resultsFirst,
  type Turn,
  withoutTrailingSpace,
  withUserTurn,
} from '../join-turns.ts';
import { type BlockContext, encodeParts } from './encode-blocks.ts';
import { ownExtensions } from './wire.ts';

export interface ConversationContext extends BlockContext {
  readonly systemTurns: 'accepted' | 'refused';
}

/**
 * Messages as the API wants them: system and developer messages in the system prompt wherever they stood, no two
 * neighbours of one role, the results of a turn's tool calls in one user message and first in it, no empty message.
 *
 * @throws GatewayError `invalid_request` when nothing is left to send
 */
export function encodeConversation(messages: readonly Message[], context: ConversationContext): Conversation {
  const { system, turns } = joinTurns(messages.map((message) => encodeMessage(message, context)));
  return withUserTurn({ system, turns: withoutTrailingSpace(turns.map(inOrder)) });
}

function encodeMessage(message: Message, context: ConversationContext): PlacedMessage {
  if (message.name !== undefined) context.dropped.add('name');
  const own = ownExtensions(message.extensions, context.dropped);
  const content = encodeParts(message.parts, context);
  const role = placeOf(message, { systemTurns: context.systemTurns, isMarked: own.role === 'system' });
  return { role, content: role === 'prompt' ? textOnly(content, context.dropped) : content };
}

/** The system prompt takes text alone. */
function textOnly(blocks: readonly JsonObject[], dropped: Set<string>): JsonObject[] {
  return blocks.filter((block) => {
    if (block.type === 'text') return true;
    dropped.add(String(block.type));
    return false;
  });
}

function inOrder({ role, content }: Turn): Turn {
  return { role, content: resultsFirst(content, ({ type }) => type === 'tool_result') };
}

export const blockKinds: BlockKinds = {
  isToolCall: ({ type }) => type === 'tool_use',
  isThinking: ({ type }) => type === 'thinking' || type === 'redacted_thinking',
};

/** The system prompt: a string where one is enough. */
export function encodeSystem(blocks: readonly JsonObject[]): string | readonly JsonObject[] | undefined {
  const [first] = blocks;
  if (first === undefined) return undefined;
  const isPlain = blocks.length === 1 && Object.keys(first).length === 2;
  return isPlain && typeof first.text === 'string' && hasText(first.text) ? first.text : blocks;
}
