import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Message } from './canonical.ts';
import { hasText } from './has-text.ts';

/*
 * Conversations of APIs that want the system prompt apart and then turns of user and assistant, whose content is a list of
 * blocks.
 */

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

/** The blocks of one message, and where they belong. */
export interface PlacedMessage {
  readonly role: Turn['role'] | 'prompt';
  readonly content: JsonObject[];
}

export interface Placing {
  /** Whether a system message may stand between the others. */
  readonly systemTurns: 'accepted' | 'refused';
  /** Whether a system message is marked to stand where it stands. */
  readonly isMarked: boolean;
}

/** System and developer messages belong in the system prompt wherever they stood, results of tools with the user. */
export function placeOf({ role }: Message, { systemTurns, isMarked }: Placing): PlacedMessage['role'] {
  switch (role) {
    case 'user':
    case 'tool':
      return 'user';
    case 'assistant':
      return 'assistant';
    case 'system':
    case 'developer':
      return isMarked && systemTurns === 'accepted' ? 'system' : 'prompt';
  }
}

/** No two neighbours of one role, but for system messages, and none without content. */
export function joinTurns(messages: readonly PlacedMessage[]): Conversation {
  const system: JsonObject[] = [];
  const turns: OpenTurn[] = [];
  for (const { role, content } of messages) {
    if (content.length === 0) continue;
    if (role === 'prompt') appendAll(system, content);
    else append(turns, { role, content });
  }
  return { system, turns };
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

/** The results of tool calls first in a turn, as the APIs want them. */
export function resultsFirst(
  content: readonly JsonObject[],
  isToolResult: (block: JsonObject) => boolean,
): readonly JsonObject[] {
  return [...content.filter(isToolResult), ...content.filter((block) => !isToolResult(block))];
}

/** The text the model is to continue may not end in white space. */
export function withoutTrailingSpace(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || block === undefined) return turns;
  const { type = 'text', text } = block;
  if (type !== 'text' || typeof text !== 'string') return turns;
  const content = [...last.content.slice(0, -1), { ...block, text: text.trimEnd() }];
  return [...turns.slice(0, -1), { role: 'assistant', content }];
}

/**
 * A conversation needs a user turn: where all is system prompt, its last text becomes one.
 * @throws GatewayError `invalid_request` when nothing is left to send
 */
export function withUserTurn({ system, turns }: Conversation): Conversation {
  if (turns.length > 0) return { system, turns };
  const place = system.findLastIndex(({ text }) => typeof text === 'string' && hasText(text));
  const prompt = system[place];
  if (prompt === undefined) {
    const message = 'messages: there is nothing in them that the model can read.';
    throw new GatewayError('invalid_request', { param: 'messages', message });
  }
  return { system: system.slice(0, place), turns: [{ role: 'user', content: [prompt] }] };
}

/** How blocks say what they are. */
export interface BlockKinds {
  readonly isToolCall: (block: JsonObject) => boolean;
  readonly isThinking: (block: JsonObject) => boolean;
}

/**
 * Whether a thinking budget would be refused because the assistant turn in progress does not start with the thinking it
 * came with. https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 */
export function lacksThinking(turns: readonly Turn[], { isToolCall, isThinking }: BlockKinds): boolean {
  const place = turns.findLastIndex(({ role }) => role === 'assistant');
  const turn = turns[place];
  if (turn === undefined) return false;
  const [first] = turn.content;
  const inProgress = place === turns.length - 1 || turn.content.some(isToolCall);
  return inProgress && (first === undefined || !isThinking(first));
}
