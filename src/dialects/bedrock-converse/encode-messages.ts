import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../canonical.ts';
import { kindOf } from './blocks.ts';
import { type BlockContext, encodeParts } from './encode-blocks.ts';
import { hasText, ownExtensions } from './wire.ts';

/** One entry of `messages`. */
export type Turn = {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly JsonObject[];
};

export interface Conversation {
  /** Blocks of the system prompt, in order. */
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

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
  const system: JsonObject[] = [];
  const turns: OpenTurn[] = [];
  for (const message of messages) {
    const { role, content } = encodeMessage(message, context);
    if (content.length === 0) continue;
    if (role === 'prompt') appendAll(system, content);
    else append(turns, { role, content });
  }
  const conversation = withUserTurn({ system, turns: withoutTrailingSpace(turns.map(inOrder)) });
  return context.traits.system === 'accepted' ? conversation : promptFirst(conversation);
}

function encodeMessage(message: Message, context: ConversationContext) {
  if (message.name !== undefined) context.dropped.add('name');
  const own = ownExtensions(message.extensions, context.dropped);
  const content = encodeParts(message.parts, context);
  switch (message.role) {
    case 'user':
    case 'tool':
      return { role: 'user', content } as const;
    case 'assistant':
      return { role: 'assistant', content } as const;
    case 'system':
    case 'developer':
      if (own?.role === 'system' && context.systemTurns === 'accepted') return { role: 'system', content } as const;
      return { role: 'prompt', content: promptOnly(content, context.dropped) } as const;
  }
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

/** A turn that may still grow: its array is ours. */
type OpenTurn = Turn & { readonly content: JsonObject[] };

function append(turns: OpenTurn[], turn: OpenTurn): void {
  const last = turns.at(-1);
  if (last === undefined || last.role !== turn.role || turn.role === 'system') turns.push(turn);
  else appendAll(last.content, turn.content);
}

/** `push(...blocks)` would put them on the stack, which a long message overflows. */
function appendAll(target: JsonObject[], blocks: readonly JsonObject[]): void {
  for (const block of blocks) target.push(block);
}

/** Results first; and a word beside documents, which are refused without. */
function inOrder({ role, content }: Turn): Turn {
  if (role !== 'user') return { role, content };
  const results = content.filter((block) => block.toolResult !== undefined);
  const rest = content.filter((block) => block.toolResult === undefined);
  const lacksText = content.some((block) => block.document !== undefined) && !content.some((block) => 'text' in block);
  return { role, content: [...results, ...rest, ...(lacksText ? [{ text: 'See the document.' }] : [])] };
}

/** The text the model is to continue may not end in white space. */
function withoutTrailingSpace(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || typeof block?.text !== 'string') return turns;
  return [
    ...turns.slice(0, -1),
    { role: 'assistant', content: [...last.content.slice(0, -1), { text: block.text.trimEnd() }] },
  ];
}

/** A conversation needs a user turn: where all is system prompt, its last text becomes one. */
function withUserTurn({ system, turns }: Conversation): Conversation {
  if (turns.length > 0) return { system, turns };
  const at = system.findLastIndex(({ text }) => typeof text === 'string' && hasText(text));
  const prompt = system[at];
  if (prompt === undefined) {
    const message = 'messages: there is nothing in them that the model can read.';
    throw new GatewayError('invalid_request', { param: 'messages', message });
  }
  return { system: system.slice(0, at), turns: [{ role: 'user', content: [prompt] }] };
}

/** For models without a system prompt. */
function promptFirst({ system, turns }: Conversation): Conversation {
  const [first, ...rest] = turns;
  if (system.length === 0 || first === undefined) return { system: [], turns };
  if (first.role !== 'user') return { system: [], turns: [{ role: 'user', content: system }, ...turns] };
  return { system: [], turns: [{ role: 'user', content: [...system, ...first.content] }, ...rest] };
}

/**
 * Whether a thinking budget would be refused because the assistant turn in progress does not start with the thinking it
 * came with. https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
export function lacksThinking(turns: readonly Turn[]): boolean {
  const place = turns.findLastIndex(({ role }) => role === 'assistant');
  const turn = turns[place];
  if (turn === undefined) return false;
  const inProgress = place === turns.length - 1 || turn.content.some((block) => block.toolUse !== undefined);
  return inProgress && turn.content[0]?.reasoningContent === undefined;
}
