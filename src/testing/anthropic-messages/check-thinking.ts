import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { contentBlocks } from './content-blocks.ts';
import { invalid } from './invalid.ts';
import { thinks } from './read-prompt.ts';
import { signThinking } from './signature.ts';

/** https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking */
export function checkThinking(body: JsonObject): Refusal | undefined {
  return firstRefusal([
    () => refuseAny(asObjects(body.messages), checkSignatures),
    () => (thinks(body) ? checkParameters(body) : undefined),
    () => (asObject(body.thinking)?.type === 'enabled' ? checkEnabled(body) : undefined),
  ]);
}

function checkSignatures(message: JsonObject, index: number): Refusal | undefined {
  return refuseAny(contentBlocks(message.content), (block, at) => {
    if (block.type !== 'thinking') return undefined;
    const genuine = block.signature === signThinking(asString(block.thinking) ?? '');
    return genuine
      ? undefined
      : invalid(`messages.${index}.content.${at}: Invalid \`signature\` in \`thinking\` block`);
  });
}

function checkParameters(body: JsonObject): Refusal | undefined {
  if ((body.temperature ?? 1) !== 1) return invalid('`temperature` may only be set to 1 when thinking is enabled.');
  return body.top_k === undefined ? undefined : invalid('`top_k` must be unset when thinking is enabled.');
}

/** What `adaptive` thinking does not ask for: a budget, freedom of tool choice, and the thinking of the last turn. */
function checkEnabled(body: JsonObject): Refusal | undefined {
  const budget = asNumber(asObject(body.thinking)?.budget_tokens);
  if (budget === undefined) return invalid('thinking.enabled.budget_tokens: Field required');
  if (budget < 1024) {
    return invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  }
  if (budget >= Number(body.max_tokens)) {
    return invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  const forced = asString(asObject(body.tool_choice)?.type);
  if (forced === 'any' || forced === 'tool')
    return invalid('Thinking may not be enabled when tool_choice forces tool use.');
  return checkToolTurn(asObjects(body.messages));
}

/** The turn that called the tools whose results come now must begin with its thinking. */
function checkToolTurn(messages: readonly JsonObject[]): Refusal | undefined {
  const index = messages.findLastIndex((message) => message.role === 'assistant');
  const blocks = contentBlocks(messages[index]?.content);
  const first = asString(blocks[0]?.type) ?? '';
  const called = blocks.some((block) => block.type === 'tool_use');
  if (!called || first === 'thinking' || first === 'redacted_thinking') return undefined;
  return invalid(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`,
  );
}
