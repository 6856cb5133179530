import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ExtensionPart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { decodeAudio, decodeDocument, decodeImage } from './media.ts';
import { dialect, opaque, withExtensions } from './wire.ts';

/**
 * A content block as a part. Blocks only this dialect knows (cache points, guarded content, videos, search results, tools
 * the provider runs) are kept whole. Nothing when the block lacks what its kind needs.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
 */
export function decodeBlock(block: JsonObject): Part | undefined {
  const kind = kindOf(block);
  if (kind === undefined) return undefined;
  if (kind === 'text') return typeof block.text === 'string' ? { type: 'text', text: block.text } : undefined;
  const content = asObject(block[kind]);
  if (content === undefined) return undefined;
  switch (kind) {
    case 'image':
      return decodeImage(content);
    case 'document':
      return decodeDocument(content) ?? kept(block);
    case 'audio':
      return decodeAudio(content);
    case 'reasoningContent':
      return decodeReasoning(content);
    case 'toolUse':
      return isRunByProvider(content) ? kept(block) : decodeToolUse(content);
    case 'toolResult':
      return isRunByProvider(content) ? kept(block) : decodeToolResult(content);
    case 'citationsContent':
      return decodeCited(content) ?? kept(block);
    default:
      return kept(block);
  }
}

export function kept(block: JsonObject): ExtensionPart {
  return { type: 'extension', dialect, data: block };
}

/** The member that says what a block is. Some answers have a `type` beside it, which says the same. */
export function kindOf(block: JsonObject): string | undefined {
  return Object.keys(block).find((key) => key !== 'type');
}

/** The `type` of a call or a result tells the tools of the provider from those of the caller. */
export function isRunByProvider({ type }: JsonObject): boolean {
  return typeof type === 'string' && type !== 'tool_use';
}

function decodeReasoning(content: JsonObject): ReasoningPart | undefined {
  const redacted = opaque(content.redactedContent);
  if (redacted !== undefined) return { type: 'reasoning', text: '', redacted };
  const shown = asObject(content.reasoningText);
  const text = asString(shown?.text);
  if (text === undefined) return undefined;
  const signature = opaque(shown?.signature);
  return { type: 'reasoning', text, ...(signature !== undefined && { signature }) };
}

function decodeToolUse(content: JsonObject): ToolCallPart | undefined {
  const id = asString(content.toolUseId);
  const name = asString(content.name);
  if (id === undefined || name === undefined) return undefined;
  return { type: 'tool-call', id, name, arguments: JSON.stringify(content.input ?? {}) };
}

/** Text that cites its sources; nothing where there are sources without text. */
function decodeCited(content: JsonObject): TextPart | undefined {
  const pieces = asArray(content.content).map((piece) => asString(asObject(piece)?.text) ?? '');
  if (pieces.length === 0) return undefined;
  return { type: 'text', text: pieces.join(''), ...withExtensions({ citations: asArray(content.citations) }) };
}

function decodeToolResult(content: JsonObject): ToolResultPart | undefined {
  const toolCallId = asString(content.toolUseId);
  if (toolCallId === undefined || !Array.isArray(content.content)) return undefined;
  const items = asArray(content.content);
  const structured = items.length === 1 ? asObject(asObject(items[0])?.json) : undefined;
  const parts = items.map(decodeResultItem);
  if (!parts.every((part) => part !== undefined)) return undefined;
  return {
    type: 'tool-result',
    toolCallId,
    content: structured === undefined ? parts : [{ type: 'text', text: JSON.stringify(structured) }],
    ...(structured !== undefined && { structured }),
    ...(typeof content.status === 'string' && { isError: content.status === 'error' }),
  };
}

/** JSON reads as its text for those who have no other form; beside other items it is marked to come back as it was. */
function decodeResultItem(value: JsonValue): ToolResultPart['content'][number] | undefined {
  if (!isJsonObject(value)) return undefined;
  if (value.json !== undefined) {
    return { type: 'text', text: JSON.stringify(value.json), ...withExtensions({ json: value.json }) };
  }
  const part = decodeBlock(value);
  switch (part?.type) {
    case 'text':
    case 'image':
    case 'file':
    case 'extension':
      return part;
    default:
      return undefined;
  }
}
