import { asString, type JsonObject } from '../../core/json.ts';
import type { ToolIds } from '../anthropic-messages/tool-ids.ts';
import type {
  ExtensionPart,
  Extensions,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../canonical.ts';
import { hasText } from '../has-text.ts';
import { encodeArguments } from '../parse-arguments.ts';
import { cachePointOf } from './cache-points.ts';
import { encodeAudio, encodeDocument, encodeImage, type MediaContext } from './media.ts';
import { dialect, ownExtensions, ownValue } from './wire.ts';

/** What the parts of one request share. */
export interface BlockContext extends MediaContext {
  readonly toolIds: ToolIds;
  /** Names of the tools that calls in the history name; grows with every call. */
  readonly called: Set<string>;
}

/** Parts as content blocks; what the API has no place for is left out. */
export function encodeParts(parts: readonly Part[], context: BlockContext): JsonObject[] {
  return parts.flatMap((part) => {
    const given = 'extensions' in part ? part.extensions : undefined;
    const { cachePoint, extensions } = cachePointOf(given, context.traits, context.dropped);
    const block = encodePart(given === extensions ? part : withExtensionsOf(part, extensions), context);
    return block === undefined ? [] : [block, ...cachePoint];
  });
}

function withExtensionsOf(part: Part, extensions: Extensions | undefined): Part {
  return part.type === 'refusal' || part.type === 'extension' || extensions === undefined
    ? part
    : { ...part, extensions };
}

/** A part of a message as a content block; nothing when the API has no place for it. */
function encodePart(part: Part, context: BlockContext): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, context.dropped);
    case 'refusal':
      return hasText(part.text) ? { text: part.text } : undefined;
    case 'image':
      return encodeImage(part, context);
    case 'file':
      return encodeDocument(part, context);
    case 'audio':
      return encodeAudio(part, context);
    case 'reasoning':
      return encodeReasoning(part, context.dropped);
    case 'tool-call':
      return encodeToolCall(part, context);
    case 'tool-result':
      return encodeToolResult(part, context);
    case 'extension':
      return encodeExtension(part, context);
  }
}

/** The API answers 400 to blank text, which other dialects send beside tool calls. */
function encodeText(part: TextPart, dropped: Set<string>): JsonObject | undefined {
  const own = ownExtensions(part.extensions, dropped);
  if (!hasText(part.text)) return undefined;
  return own.citations === undefined
    ? { text: part.text }
    : { citationsContent: { content: [{ text: part.text }], citations: own.citations } };
}

/** Reasoning goes back only with the signature it came with: the model's vendor verifies it. */
function encodeReasoning(part: ReasoningPart, dropped: Set<string>): JsonObject | undefined {
  ownExtensions(part.extensions, dropped);
  const redactedContent = ownValue(part.redacted);
  if (redactedContent !== undefined) return { reasoningContent: { redactedContent } };
  const signature = ownValue(part.signature);
  if (signature !== undefined) return { reasoningContent: { reasoningText: { text: part.text, signature } } };
  if (part.text !== '' || part.redacted !== undefined) dropped.add('reasoning_content');
  return undefined;
}

/** Where a model takes no tools, what was called stays in the conversation as text. */
function encodeToolCall(part: ToolCallPart, { toolIds, called, traits, dropped }: BlockContext): JsonObject {
  ownExtensions(part.extensions, dropped);
  if (traits.tools === 'refused') return { text: `Call of the tool ${part.name}: ${part.arguments}` };
  called.add(part.name);
  const input = encodeArguments(part.arguments, dropped);
  return { toolUse: { toolUseId: toolIds.wireId(part.id), name: part.name, input } };
}

/** Content is required and none of it may be blank. */
const nothingSaid: JsonObject = { text: '(no output)' };

function encodeToolResult(part: ToolResultPart, context: BlockContext): JsonObject {
  const { traits, dropped } = context;
  ownExtensions(part.extensions, dropped);
  if (traits.tools === 'refused') return { text: `Result of the tool: ${textOf(part)}` };
  const items = part.structured === undefined ? encodeResultItems(part, context) : [{ json: part.structured }];
  if (part.isError === true && traits.toolResultStatus === 'refused') dropped.add('is_error');
  return {
    toolResult: {
      toolUseId: context.toolIds.wireId(part.toolCallId),
      content: items.length === 0 ? [nothingSaid] : items,
      ...(part.isError !== undefined &&
        traits.toolResultStatus === 'accepted' && { status: part.isError ? 'error' : 'success' }),
    },
  };
}

function encodeResultItems({ content }: ToolResultPart, context: BlockContext): JsonObject[] {
  return content.flatMap((item) => {
    const json = item.type === 'text' ? item.extensions?.[dialect]?.json : undefined;
    return json === undefined ? encodeParts([item], context) : [{ json }];
  });
}

function textOf({ content }: ToolResultPart): string {
  return content.map((item) => (item.type === 'text' ? item.text : '')).join('\n');
}

function encodeExtension({ dialect: origin, data }: ExtensionPart, context: BlockContext): JsonObject | undefined {
  const isCachePoint = data.cachePoint !== undefined;
  if (origin === dialect && !(isCachePoint && context.traits.cachePoints === 'refused')) return data;
  context.dropped.add(origin === dialect ? 'cachePoint' : (asString(data.type) ?? Object.keys(data)[0] ?? 'content'));
  return undefined;
}
