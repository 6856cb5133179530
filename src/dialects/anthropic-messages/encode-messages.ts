import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../canonical.ts';
import { type BlockContext, encodeParts } from './encode-blocks.ts';
import { hasText, ownExtensions } from './wire.ts';

/** One entry of `messages`. */
export type Turn = {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly JsonObject[];
};

export interface Conversation {
  /** Text blocks of the system prompt, in order. */
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

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
  const system: JsonObject[] = [];
  const turns: OpenTurn[] = [];
  for (const message of messages) {
    const { role, content } = encodeMessage(message, context);
    if (content.length === 0) continue;
    if (role === 'prompt') appendAll(system, content);
    else append(turns, { role, content });
  }
  return withUserTurn({ system, turns: withoutTrailingSpace(turns.map(resultsFirst)) });
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
      return { role: 'prompt', content: textOnly(content, context.dropped) } as const;
  }
}

/** The system prompt takes text alone. */
function textOnly(blocks: readonly JsonObject[], dropped: Set<string>): JsonObject[] {
  return blocks.filter((block) => {
    if (block.type === 'text') return true;
    dropped.add(String(block.type));
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

function resultsFirst(turn: Turn): Turn {
  const results = turn.content.filter(isToolResult);
  if (results.length === 0 || turn.content.slice(0, results.length).every(isToolResult)) return turn;
  return { role: turn.role, content: [...results, ...turn.content.filter((block) => !isToolResult(block))] };
}

function isToolResult(block: JsonObject): boolean {
  return block.type === 'tool_result';
}

/** The text the model is to continue may not end in white space. */
function withoutTrailingSpace(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || block?.type !== 'text' || typeof block.text !== 'string') return turns;
  const content = [...last.content.slice(0, -1), { ...block, text: block.text.trimEnd() }];
  return [...turns.slice(0, -1), { role: 'assistant', content }];
}

/** A conversation needs a user turn: where all is system prompt, its last text becomes one. */
function withUserTurn({ system, turns }: Conversation): Conversation {
  const prompt = system.at(-1);
  if (turns.length > 0) return { system, turns };
  if (prompt === undefined) {
    const message = 'messages: there is nothing in them that the model can read.';
    throw new GatewayError('invalid_request', { param: 'messages', message });
  }
  return { system: system.slice(0, -1), turns: [{ role: 'user', content: [prompt] }] };
}

/**
 * Whether a thinking budget would be refused because the assistant turn in progress does not start with the thinking it
 * came with. https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
export function lacksThinking(turns: readonly Turn[]): boolean {
  const place = turns.findLastIndex(({ role }) => role === 'assistant');
  const turn = turns[place];
  if (turn === undefined) return false;
  const inProgress = place === turns.length - 1 || turn.content.some(({ type }) => type === 'tool_use');
  const first = turn.content[0]?.type;
  return inProgress && first !== 'thinking' && first !== 'redacted_thinking';
}

/** The system prompt: a string where one is enough. */
export function encodeSystem(blocks: readonly JsonObject[]): string | readonly JsonObject[] | undefined {
  const [first] = blocks;
  if (first === undefined) return undefined;
  const isPlain = blocks.length === 1 && Object.keys(first).length === 2;
  return isPlain && typeof first.text === 'string' && hasText(first.text) ? first.text : blocks;
}
