import { asString, type JsonObject } from '../../core/json.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { encodeArguments } from '../parse-arguments.ts';
import { realId } from './call-ids.ts';
import { encodeFile, encodeImage, unsupported } from './media.ts';
import { type MutableJson, ownExtensions } from './wire.ts';

/**
 * Messages as the API takes them: text in `content`, images beside it, one message for each tool result.
 *
 * @throws GatewayError `unsupported_parameter` for media the API has no form for: leaving it out would change what was
 * asked
 */
export function encodeMessages(messages: readonly Message[], dropped: Set<string>): JsonObject[] {
  const names = toolNames(messages);
  return messages.flatMap((message) => {
    if (message.name !== undefined) dropped.add('messages.name');
    const own = ownExtensions(message.extensions, dropped);
    if (message.role !== 'tool') return [{ ...encodeSaid(message, dropped), ...own }];
    const results = message.parts.filter((part) => part.type === 'tool-result');
    return results.map((result) => ({ ...encodeResult(result, names, dropped), ...own }));
  });
}

function toolNames(messages: readonly Message[]): ReadonlyMap<string, string> {
  const calls = messages.flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-call'));
  return new Map(calls.map(({ id, name }) => [id, name]));
}

function encodeSaid({ role, parts }: Message, dropped: Set<string>): MutableJson {
  const thinking = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  if (parts.some((part) => part.type === 'reasoning' && part.redacted !== undefined)) dropped.add('reasoning_content');
  const calls = parts.filter((part) => part.type === 'tool-call').map((call) => encodeCall(call, dropped));
  return {
    // The model's own template decides which roles there are; `system` is in all of them.
    role: role === 'developer' ? 'system' : role,
    ...encodeContent(parts, dropped),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** `content` is there even when it is empty. */
function encodeContent(parts: readonly Part[], dropped: Set<string>): MutableJson {
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        ownExtensions(part.extensions, dropped);
        texts.push(part.text);
        break;
      case 'refusal':
        texts.push(part.text);
        break;
      case 'file':
        texts.push(encodeFile(part));
        break;
      case 'image':
        images.push(encodeImage(part, dropped));
        break;
      case 'audio':
        throw unsupported('The provider reads text and images only.');
      case 'extension':
        dropped.add(`messages.content.${asString(part.data.type) ?? 'part'}`);
        break;
      default:
        // Thinking and calls stand beside the content; what others have encrypted or signed, nobody here can read.
        break;
    }
  }
  const content = texts.filter((text) => text !== '').join('\n');
  return { content, ...(images.length > 0 && { images }) };
}

function encodeCall(call: ToolCallPart, dropped: Set<string>): JsonObject {
  const id = realId(call.id);
  const value = encodeArguments(call.arguments, dropped);
  return {
    ...(id !== undefined && { id }),
    type: 'function',
    function: { name: call.name, arguments: value },
    ...ownExtensions(call.extensions, dropped),
  };
}

function encodeResult(result: ToolResultPart, names: ReadonlyMap<string, string>, dropped: Set<string>): MutableJson {
  const id = realId(result.toolCallId);
  const name = result.toolName ?? names.get(result.toolCallId);
  if (result.isError === true) dropped.add('messages.is_error');
  return {
    role: 'tool',
    ...encodeContent(result.content, dropped),
    ...(name !== undefined && { tool_name: name }),
    ...(id !== undefined && { tool_call_id: id }),
    ...ownExtensions(result.extensions, dropped),
  };
}
