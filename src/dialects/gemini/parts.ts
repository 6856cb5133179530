import { asString, type JsonObject } from '../../core/json.ts';
import type { ExtensionPart, Part, ReasoningPart, TextPart, ToolCallPart } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { encodeArguments } from '../parse-arguments.ts';
import { isMadeUp } from './call-ids.ts';
import { PartialArguments } from './partial-arguments.ts';
import { geminiExtensions, signatureOf, thoughtSignature, wireObject, withExtension } from './wire.ts';

/*
 * Parts that models write, in answers and in the history of requests.
 *
 * https://ai.google.dev/api/caching#Part
 */

const textFields: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature']);
const callPartFields: ReadonlySet<string> = new Set(['functionCall', 'thought', 'thoughtSignature']);
const callFields: ReadonlySet<string> = new Set(['name', 'args', 'id', 'partialArgs', 'willContinue']);

/** Text or thinking; `undefined` for parts without text. */
export function decodeText(part: JsonObject): TextPart | ReasoningPart | undefined {
  const text = asString(part.text);
  if (text === undefined) return undefined;
  return {
    type: part.thought === true ? 'reasoning' : 'text',
    text,
    ...signatureOf(part),
    ...geminiExtensions(otherMembers(part, textFields)),
  };
}

/** Whether a part says nothing: streams end with an empty text. */
export function isEmptyText(part: TextPart | ReasoningPart): boolean {
  return part.text === '' && part.signature === undefined && part.extensions === undefined;
}

/** A function call; `idOf` makes up an id from its name and arguments where the wire has none. */
export function decodeCall(part: JsonObject, idOf: (content: string) => string): ToolCallPart | undefined {
  const call = wireObject(part.functionCall);
  if (call === undefined) return undefined;
  const name = asString(call.name) ?? '';
  const argumentsText = decodeArguments(call);
  const callRest = otherMembers(call, callFields);
  return {
    type: 'tool-call',
    id: givenId(call) ?? idOf(name + argumentsText),
    name,
    arguments: argumentsText,
    ...signatureOf(part),
    ...geminiExtensions(otherMembers(part, callPartFields), callRest && { functionCall: callRest }),
  };
}

/** The id the provider gave; nothing for an empty one. */
export function givenId(call: JsonObject): string | undefined {
  const id = asString(call.id);
  return id === '' ? undefined : id;
}

/** The arguments of a whole call, as JSON text. They are absent where a function takes none. */
export function decodeArguments(call: JsonObject): string {
  if (call.args !== undefined || call.partialArgs === undefined) return JSON.stringify(call.args ?? {});
  const partial = new PartialArguments();
  partial.add(call.partialArgs);
  return partial.text();
}

/** A part only Gemini knows: code execution, images the model made, Google's own tools. */
export function ownPart(data: JsonObject): ExtensionPart {
  return { type: 'extension', dialect: 'gemini', data };
}

/** The wire form of a part a model wrote; `undefined`, and reported, for what Gemini has no form for. */
export function encodeModelPart(part: Part, dropped: Set<string>): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part);
    case 'refusal':
      return { text: part.text };
    case 'reasoning':
      return encodeReasoningPart(part, dropped);
    case 'tool-call':
      return encodeCall(part, dropped);
    case 'extension':
      if (part.dialect === 'gemini') return part.data;
      dropped.add(asString(part.data.type) ?? 'content');
      return undefined;
    default:
      dropped.add('content');
      return undefined;
  }
}

function encodeText(part: TextPart): JsonObject {
  return withExtension({ text: part.text, ...thoughtSignature(part.signature) }, part.extensions?.gemini);
}

/** Thinking that another provider signed or hid means nothing to Gemini. */
function encodeReasoningPart(part: ReasoningPart, dropped: Set<string>): JsonObject | undefined {
  const foreign = part.signature !== undefined && part.signature.dialect !== 'gemini';
  if (foreign || part.redacted !== undefined) {
    dropped.add('reasoning_content');
    return undefined;
  }
  const own = { text: part.text, thought: true, ...thoughtSignature(part.signature) };
  return withExtension(own, part.extensions?.gemini);
}

export function encodeCall(part: ToolCallPart, dropped: Set<string>): JsonObject {
  const args = encodeArguments(part.arguments, dropped);
  const functionCall = { ...(isMadeUp(part.id) ? {} : { id: part.id }), name: part.name, args };
  return withExtension({ functionCall, ...thoughtSignature(part.signature) }, part.extensions?.gemini);
}
