import { asArray, asString, isJsonObject, type JsonObject } from '../../core/json.ts';
import type {
  ExtensionPart,
  FilePart,
  ImagePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolResultPart,
} from '../canonical.ts';
import { givenMembers } from '../other-members.ts';
import { decodeDocument, decodeImage } from './media.ts';
import { dialect, opaque, withExtensions } from './wire.ts';

const textKeys: ReadonlySet<string> = new Set(['type', 'text']);
const thinkingKeys: ReadonlySet<string> = new Set(['type', 'thinking', 'signature']);
const redactedKeys: ReadonlySet<string> = new Set(['type', 'data']);
const toolUseKeys: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input']);
const toolResultKeys: ReadonlySet<string> = new Set(['type', 'tool_use_id', 'content', 'is_error']);

/**
 * A content block as a part. Blocks only this dialect knows (server tools, search results, ...) are kept whole. Nothing
 * when the block lacks what its type needs.
 */
export function decodeBlock(block: JsonObject): Part | undefined {
  switch (block.type) {
    case 'text':
      return decodeText(block);
    case 'thinking':
      return decodeThinking(block);
    case 'redacted_thinking':
      return decodeRedacted(block);
    case 'tool_use':
      return decodeToolUse(block);
    case 'tool_result':
      return decodeToolResult(block);
    case 'image':
      return decodeImage(block);
    case 'document':
      return decodeDocument(block) ?? kept(block);
    default:
      return typeof block.type === 'string' ? kept(block) : undefined;
  }
}

function kept(block: JsonObject): ExtensionPart {
  return { type: 'extension', dialect, data: block };
}

function decodeText(block: JsonObject): TextPart | undefined {
  const text = asString(block.text);
  if (text === undefined) return undefined;
  return { type: 'text', text, ...withExtensions(givenMembers(block, textKeys)) };
}

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
function decodeThinking(block: JsonObject): ReasoningPart | undefined {
  const text = asString(block.thinking);
  if (text === undefined) return undefined;
  const signature = opaque(block.signature);
  return {
    type: 'reasoning',
    text,
    ...(signature !== undefined && { signature }),
    ...withExtensions(givenMembers(block, thinkingKeys)),
  };
}

function decodeRedacted(block: JsonObject): ReasoningPart | undefined {
  const redacted = opaque(block.data);
  if (redacted === undefined) return undefined;
  return { type: 'reasoning', text: '', redacted, ...withExtensions(givenMembers(block, redactedKeys)) };
}

function decodeToolUse(block: JsonObject): Part | undefined {
  const id = asString(block.id);
  const name = asString(block.name);
  if (id === undefined || name === undefined) return undefined;
  return {
    type: 'tool-call',
    id,
    name,
    arguments: JSON.stringify(block.input ?? {}),
    ...withExtensions(givenMembers(block, toolUseKeys)),
  };
}

function decodeToolResult(block: JsonObject): ToolResultPart | undefined {
  const toolCallId = asString(block.tool_use_id);
  const content = decodeResultContent(block);
  if (toolCallId === undefined || content === undefined) return undefined;
  return {
    type: 'tool-result',
    toolCallId,
    content,
    ...(typeof block.is_error === 'boolean' && { isError: block.is_error }),
    ...withExtensions(givenMembers(block, toolResultKeys)),
  };
}

function decodeResultContent({ content }: JsonObject): ToolResultPart['content'] | undefined {
  if (content == null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return undefined;
  const parts = asArray(content).map((block) => (isJsonObject(block) ? decodeResultBlock(block) : undefined));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function decodeResultBlock(block: JsonObject): TextPart | ImagePart | FilePart | ExtensionPart | undefined {
  const part = decodeBlock(block);
  switch (part?.type) {
    case 'text':
    case 'image':
    case 'file':
    case 'extension':
      return part;
    default:
      return typeof block.type === 'string' ? kept(block) : undefined;
  }
}
