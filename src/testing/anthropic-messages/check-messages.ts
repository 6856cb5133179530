import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { checkToolTurns } from './check-tool-turns.ts';
import { contentBlocks } from './content-blocks.ts';
import { invalid, refuseExtra } from './invalid.ts';

export function checkMessages(body: JsonObject): Refusal | undefined {
  if (!Array.isArray(body.messages)) return invalid('messages: Input should be a valid list');
  const messages = asObjects(body.messages).filter((message) => !isLateInstruction(message, body));
  if (messages.length === 0) return invalid('messages: at least one message is required');
  if (messages[0]?.role === 'assistant') return invalid('messages: first message must use the "user" role');
  return firstRefusal([
    () =>
      refuseAny(messages, (message, index) => checkMessage(message, { index, last: index === messages.length - 1 })),
    () => checkToolTurns(messages),
  ]);
}

/** The newest models take instructions among the messages, all others in the `system` field alone. */
function isLateInstruction(message: JsonObject, body: JsonObject): boolean {
  return message.role === 'system' && /^claude-(opus-4-([89]|\d\d)|fable)/.test(asString(body.model) ?? '');
}

interface MessagePlace {
  readonly index: number;
  readonly last: boolean;
}

function checkMessage(message: JsonObject, { index, last }: MessagePlace): Refusal | undefined {
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant') {
    const what = typeof role === 'string' ? role : '';
    return invalid(
      `messages: Unexpected role "${what}". The Messages API accepts a top-level \`system\` parameter, not "system" as an input message role.`,
    );
  }
  if (content === undefined) return invalid(`messages.${index}.content: Field required`);
  const blocks = contentBlocks(content);
  const prefill = last && role === 'assistant';
  if (!prefill && (blocks.length === 0 || content === '')) {
    return invalid(
      `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
    );
  }
  return firstRefusal([
    () => refuseExtra(message, 'role content', `messages.${index}`),
    () =>
      typeof content === 'string'
        ? undefined
        : refuseAny(blocks, (block, at) => checkBlock(block, `messages.${index}.content.${at}`)),
    () => (prefill ? checkPrefill(blocks) : undefined),
  ]);
}

function checkPrefill(blocks: readonly JsonObject[]): Refusal | undefined {
  const text = asString(blocks.at(-1)?.text) ?? '';
  return /\s$/.test(text)
    ? invalid('messages: final assistant content cannot end with trailing whitespace')
    : undefined;
}

/** Fields of the blocks a client builds; blocks that only Anthropic's own tools produce go back as they came. */
const blockFields: Readonly<Record<string, string>> = {
  text: 'type text cache_control citations',
  image: 'type source cache_control',
  document: 'type source title context citations cache_control',
  tool_use: 'type id name input cache_control caller',
  tool_result: 'type tool_use_id content is_error cache_control',
  thinking: 'type thinking signature',
  redacted_thinking: 'type data',
};

function checkBlock(block: JsonObject, where: string): Refusal | undefined {
  const type = asString(block.type);
  if (type === undefined) return invalid(`${where}.type: Field required`);
  const known = blockFields[type];
  return firstRefusal([
    () => (known === undefined ? undefined : refuseExtra(block, known, where)),
    () => checkBlockContent(block, where),
  ]);
}

function checkBlockContent(block: JsonObject, where: string): Refusal | undefined {
  switch (block.type) {
    case 'text':
      return checkText(block.text, where);
    case 'image':
      return checkImage(asObject(block.source) ?? {}, where);
    case 'tool_use':
      return checkToolUse(block, where);
    case 'tool_result':
      return checkToolResult(block, where);
    default:
      return undefined;
  }
}

function checkText(text: unknown, where: string): Refusal | undefined {
  if (typeof text !== 'string') return invalid(`${where}.text.text: Field required`);
  if (text === '') return invalid('messages: text content blocks must be non-empty');
  return text.trim() === '' ? invalid('messages: text content blocks must contain non-whitespace text') : undefined;
}

/** https://docs.anthropic.com/en/docs/build-with-claude/vision */
function checkImage(source: JsonObject, where: string): Refusal | undefined {
  if (source.type === 'url') {
    return /^https?:\/\//.test(asString(source.url) ?? '')
      ? undefined
      : invalid(`${where}.image.source.url.url: Only HTTPS URLs are supported.`);
  }
  if (source.type === 'file') return undefined;
  if (source.type !== 'base64') {
    return invalid(
      `${where}.image.source: Input tag '${asString(source.type) ?? ''}' found using 'type' does not match any of the expected tags: 'base64', 'url', 'file'`,
    );
  }
  if (!/^image\/(jpeg|png|gif|webp)$/.test(asString(source.media_type) ?? '')) {
    return invalid(
      `${where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`,
    );
  }
  const valid = /^[A-Za-z0-9+/]+={0,2}$/.test(asString(source.data) ?? '');
  return valid ? undefined : invalid(`${where}.image.source.base64.data: Invalid base64 data`);
}

const idPattern = /^[a-zA-Z0-9_-]+$/;

function checkToolUse(block: JsonObject, where: string): Refusal | undefined {
  if (!idPattern.test(asString(block.id) ?? '')) {
    return invalid(`${where}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  }
  if (!/^[a-zA-Z0-9_-]{1,200}$/.test(asString(block.name) ?? '')) {
    return invalid(`${where}.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,200}$'`);
  }
  return asObject(block.input) === undefined
    ? invalid(`${where}.tool_use.input: Input should be a valid dictionary`)
    : undefined;
}

function checkToolResult(block: JsonObject, where: string): Refusal | undefined {
  if (!idPattern.test(asString(block.tool_use_id) ?? '')) {
    return invalid(`${where}.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
  }
  const { content } = block;
  const valid = content === undefined || typeof content === 'string' || Array.isArray(content);
  return valid ? undefined : invalid(`${where}.tool_result.content: Input should be a valid list`);
}
