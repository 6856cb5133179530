import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../canonical.ts';
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
import { kindOf } from './blocks.ts';
import { type BlockContext, encodeParts } from './encode-blocks.ts';
import { ownExtensions } from './wire.ts';

export interface ConversationContext extends BlockContext {
  /** Whether a system message may stand between the others. */
  readonly systemTurns: 'accepted' | 'refused';
}

/**
 * Messages as the API wants them: system and developer messages in the system prompt wherever they stood, user and
 * assistant in turns, the results of a turn's tool calls in one user message and first in it, no empty message, text
 * beside documents.
 *
 * @throws GatewayError `invalid_request` when nothing is left to send
 */
export function encodeConversation(messages: readonly Message[], context: ConversationContext): Conversation {
  const { system, turns } = joinTurns(messages.map((message) => encodeMessage(message, context)));
  const conversation = withUserTurn({ system, turns: withoutTrailingSpace(turns.map(inOrder)) });
  return context.traits.system === 'accepted' ? conversation : promptFirst(conversation);
}

function encodeMessage(message: Message, context: ConversationContext): PlacedMessage {
  if (message.name !== undefined) context.dropped.add('name');
  const own = ownExtensions(message.extensions, context.dropped);
  const content = encodeParts(message.parts, context);
  const role = placeOf(message, { systemTurns: context.systemTurns, isMarked: own.role === 'system' });
  return { role, content: role === 'prompt' ? promptOnly(content, context.dropped) : content };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SystemContentBlock.html */
const promptBlocks: ReadonlySet<string> = new Set(['text', 'cachePoint', 'guardContent']);

function promptOnly(blocks: readonly JsonObject[], dropped: Set<string>): JsonObject[] {
  return blocks.filter((block) => {
    const kind = kindOf(block) ?? '';
    if (promptBlocks.has(kind)) return true;
    dropped.add(kind);
    return false;
  });
}

/** Results first; and a word beside documents, which are refused without. */
function inOrder({ role, content }: Turn): Turn {
  if (role !== 'user') return { role, content };
  const ordered = resultsFirst(content, ({ toolResult }) => toolResult !== undefined);
  const lacksText = content.some((block) => block.document !== undefined) && !content.some((block) => 'text' in block);
  return { role, content: lacksText ? [...ordered, { text: 'See the document.' }] : ordered };
}

/** For models without a system prompt. */
function promptFirst({ system, turns }: Conversation): Conversation {
  const [first, ...rest] = turns;
  if (system.length === 0 || first === undefined) return { system: [], turns };
  if (first.role !== 'user') return { system: [], turns: [{ role: 'user', content: system }, ...turns] };
  return { system: [], turns: [{ role: 'user', content: [...system, ...first.content] }, ...rest] };
}

export const blockKinds: BlockKinds = {
  isToolCall: ({ toolUse }) => toolUse !== undefined,
  isThinking: ({ reasoningContent }) => reasoningContent !== undefined,
};
