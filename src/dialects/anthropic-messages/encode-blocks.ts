import { asString, type JsonObject } from '../../core/json.ts';
import type { ExtensionPart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { hasText } from '../has-text.ts';
import { encodeArguments } from '../parse-arguments.ts';
import { encodeDocument, encodeImage, type MediaContext } from './media.ts';
import type { ToolIds } from './tool-ids.ts';
import { blockExtensions, dialect, ownValue } from './wire.ts';

/** What the parts of one request share. */
export interface BlockContext extends MediaContext {
  readonly toolIds: ToolIds;
}

/** Parts as content blocks; what the API has no place for is left out. */
export function encodeParts(parts: readonly Part[], context: BlockContext): JsonObject[] {
  return parts.map((part) => encodePart(part, context)).filter((block) => block !== undefined);
}

/** A part of a message as a content block; nothing when the API has no place for it. */
function encodePart(part: Part, context: BlockContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, context.dropped);
    case 'refusal':
      return hasText(part.text) ? { type: 'text', text: part.text } : undefined;
    case 'image':
      return encodeImage(part, context);
    case 'file':
      return encodeDocument(part, context);
    case 'audio':
      context.dropped.add('input_audio');
      return undefined;
    case 'reasoning':
      return encodeReasoning(part, context.dropped);
    case 'tool-call':
      return encodeToolCall(part, context);
    case 'tool-result':
      return encodeToolResult(part, context);
    case 'extension':
      return encodeExtension(part, context.dropped);
  }
}

/** The API answers 400 to text blocks without text, which other dialects send beside tool calls. */
function encodeText(part: TextPart, dropped: Set<string>): JsonObject | undefined {
  return hasText(part.text)
    ? { type: 'text', text: part.text, ...blockExtensions(part.extensions, dropped) }
    : undefined;
}

/** Thinking goes back only with the signature it came with: the API verifies it, and nobody can make one up. */
function encodeReasoning(part: ReasoningPart, dropped: Set<string>): JsonObject | undefined {
  const data = ownValue(part.redacted);
  if (data !== undefined) return { type: 'redacted_thinking', data };
  const signature = ownValue(part.signature);
  if (signature !== undefined) {
    return { type: 'thinking', thinking: part.text, signature, ...blockExtensions(part.extensions, dropped) };
  }
  if (part.text !== '' || part.redacted !== undefined) dropped.add('reasoning_content');
  return undefined;
}

function encodeToolCall(part: ToolCallPart, { toolIds, dropped }: BlockContext): JsonObject {
  return {
    type: 'tool_use',
    id: toolIds.wireId(part.id),
    name: part.name,
    input: encodeArguments(part.arguments, dropped),
    ...blockExtensions(part.extensions, dropped),
  };
}

function encodeToolResult(part: ToolResultPart, context: BlockContext): JsonObject {
  const content = encodeResultContent(part, context);
  return {
    type: 'tool_result',
    tool_use_id: context.toolIds.wireId(part.toolCallId),
    ...(content !== undefined && { content }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...blockExtensions(part.extensions, context.dropped),
  };
}

function encodeResultContent({ content }: ToolResultPart, context: BlockContext): string | JsonObject[] | undefined {
  const [first] = content;
  if (first === undefined) return undefined;
  if (content.length === 1 && first.type === 'text' && first.extensions === undefined) return first.text;
  const blocks = encodeParts(content, context);
  return blocks.length === 0 ? '' : blocks;
}

function encodeExtension(part: ExtensionPart, dropped: Set<string>): JsonObject | undefined {
  if (part.dialect === dialect) return part.data;
  dropped.add(asString(part.data.type) ?? 'content');
  return undefined;
}
