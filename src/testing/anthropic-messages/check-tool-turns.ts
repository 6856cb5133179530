import { asString, type JsonObject } from '../../core/json.ts';
import type { Refusal } from '../personality.ts';
import { contentBlocks } from './content-blocks.ts';
import { invalid } from './invalid.ts';

/** Same-role neighbours count as one turn; a turn with `tool_use` is followed by one that begins with all its results. */
export function checkToolTurns(messages: readonly JsonObject[]): Refusal | undefined {
  const turns = mergeTurns(messages);
  for (const [index, turn] of turns.entries()) {
    const previous = turns[index - 1];
    const called = toolUseIds(previous);
    const answered = leadingResults(turn);
    const missing = called.filter((id) => !answered.includes(id));
    if (missing.length > 0) return unanswered(missing, index - 1);
    const stray = answered.find((id) => !called.includes(id));
    if (stray !== undefined) return strayResult(stray, index);
  }
  return unansweredLast(turns);
}

interface Turn {
  readonly role: string;
  readonly blocks: readonly JsonObject[];
}

function mergeTurns(messages: readonly JsonObject[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const role = asString(message.role) ?? '';
    const blocks = contentBlocks(message.content);
    const last = turns.at(-1);
    if (last?.role === role) turns[turns.length - 1] = { role, blocks: [...last.blocks, ...blocks] };
    else turns.push({ role, blocks });
  }
  return turns;
}

function toolUseIds(turn: Turn | undefined): readonly string[] {
  return (turn?.blocks ?? []).filter((block) => block.type === 'tool_use').map((block) => asString(block.id) ?? '');
}

function leadingResults(turn: Turn): readonly string[] {
  const end = turn.blocks.findIndex((block) => block.type !== 'tool_result');
  const results = end < 0 ? turn.blocks : turn.blocks.slice(0, end);
  return results.map((block) => asString(block.tool_use_id) ?? '');
}

function unansweredLast(turns: readonly Turn[]): Refusal | undefined {
  const missing = toolUseIds(turns.at(-1));
  return missing.length > 0 ? unanswered(missing, turns.length - 1) : undefined;
}

function unanswered(ids: readonly string[], index: number): Refusal {
  return invalid(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

function strayResult(id: string, index: number): Refusal {
  return invalid(
    `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
  );
}
