import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ImagePart, Message, Part, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { requestCallId } from './call-ids.ts';
import { decodeImage } from './media.ts';
import { givenMembers, invalidRequest, stringMember, withExtensions } from './wire.ts';

const spokenMembers: ReadonlySet<string> = new Set(['role', 'content', 'images']);
const assistantMembers: ReadonlySet<string> = new Set(['role', 'content', 'images', 'thinking', 'tool_calls']);
const resultMembers: ReadonlySet<string> = new Set(['role', 'content', 'images', 'tool_name', 'tool_call_id', 'name']);
const callMembers: ReadonlySet<string> = new Set(['id', 'type', 'function']);

/**
 * Without messages, a request loads the model (or with `keep_alive: 0` unloads it): such a conversation is empty.
 *
 * @throws GatewayError `invalid_request` naming the place, as in `messages.0.content`
 */
export function decodeMessages(messages: JsonValue | undefined): Message[] {
  if (messages == null) return [];
  if (!Array.isArray(messages)) throw invalidRequest('messages', 'must be an array');
  const calls = new OpenCalls();
  return asArray(messages).map((value, index) => {
    const message = asObject(value);
    if (message === undefined) throw invalidRequest(`messages.${index}`, 'must be an object');
    return decodeMessage(message, index, calls);
  });
}

function decodeMessage(message: JsonObject, index: number, calls: OpenCalls): Message {
  const place = `messages.${index}`;
  const { role } = message;
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      return {
        role,
        parts: decodeSaid(message, place),
        ...withExtensions(givenMembers(message, spokenMembers)),
      };
    case 'assistant':
      return {
        role,
        parts: [
          ...decodeThinking(message, place),
          ...decodeSaid(message, place),
          ...decodeCalls(message, index, calls),
        ],
        ...withExtensions(givenMembers(message, assistantMembers)),
      };
    case 'tool':
      return {
        role,
        parts: [decodeResult(message, index, calls)],
        ...withExtensions(givenMembers(message, resultMembers)),
      };
    default:
      throw invalidRequest(`${place}.role`, 'must be "system", "user", "assistant" or "tool"');
  }
}

function decodeSaid(message: JsonObject, place: string): Part[] {
  const text = stringMember(message, 'content', `${place}.content`) ?? '';
  return [...(text === '' ? [] : [{ type: 'text', text } as const]), ...decodeImages(message, place)];
}

function decodeImages({ images }: JsonObject, place: string): ImagePart[] {
  return asArray(images).map((image, index) => {
    if (typeof image !== 'string') throw invalidRequest(`${place}.images.${index}`, 'must be a string of base64');
    return decodeImage(image);
  });
}

function decodeThinking(message: JsonObject, place: string): Part[] {
  const text = stringMember(message, 'thinking', `${place}.thinking`) ?? '';
  return text === '' ? [] : [{ type: 'reasoning', text }];
}

function decodeCalls(message: JsonObject, index: number, calls: OpenCalls): ToolCallPart[] {
  return asArray(message.tool_calls).map((value, number) => {
    const call = decodeCall(asObject(value) ?? {}, requestCallId(index, number));
    if (call === undefined) throw invalidRequest(`messages.${index}.tool_calls.${number}`, 'is not a valid tool call');
    calls.opened(call);
    return call;
  });
}

/** Nothing when the call has no name. Arguments are an object; some callers send its JSON text, as OpenAI's do. */
export function decodeCall(call: JsonObject, madeUpId: string): ToolCallPart | undefined {
  const called = asObject(call.function);
  const name = asString(called?.name);
  if (called === undefined || name === undefined) return undefined;
  const { arguments: given } = called;
  return {
    type: 'tool-call',
    id: asString(call.id) || madeUpId,
    name,
    arguments: typeof given === 'string' ? given || '{}' : JSON.stringify(given ?? {}),
    ...withExtensions(givenMembers(call, callMembers)),
  };
}

function decodeResult(message: JsonObject, index: number, calls: OpenCalls): ToolResultPart {
  const place = `messages.${index}`;
  const toolName = asString(message.tool_name) ?? asString(message.name);
  const text = stringMember(message, 'content', `${place}.content`) ?? '';
  return {
    type: 'tool-result',
    toolCallId: calls.answered(asString(message.tool_call_id) ?? '', toolName) ?? requestCallId(index, 0),
    ...(toolName !== undefined && { toolName }),
    content: [...(text === '' ? [] : [{ type: 'text', text } as const]), ...decodeImages(message, place)],
  };
}

/** Calls that wait for their result: results say at most which tool they come from, and come in the order of the calls. */
class OpenCalls {
  readonly #open: ToolCallPart[] = [];

  opened(call: ToolCallPart): void {
    this.#open.push(call);
  }

  /** The id of the call that a result answers: the one it names, or the first one of its tool. */
  answered(id: string, toolName: string | undefined): string | undefined {
    const place = this.#open.findIndex((call) =>
      id === '' ? toolName === undefined || call.name === toolName : call.id === id,
    );
    const [call] = place === -1 ? [] : this.#open.splice(place, 1);
    return id === '' ? call?.id : id;
  }
}
