import { asString, type JsonObject } from '../../core/json.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../canonical.ts';
import { generatedCallId } from '../openai-chat/tool-call-ids.ts';
import { encodeContent } from './encode-content.ts';
import { encodeReasoningItem } from './reasoning.ts';
import type { ResponsesProfile } from './variant.ts';
import { type MutableJson, stateOf } from './wire.ts';

export interface EncodedInput {
  readonly instructions?: string;
  readonly input: readonly JsonObject[];
}

/**
 * The conversation as instructions and items.
 *
 * @throws GatewayError `unsupported_parameter` when a message holds media the API has no form for
 */
export function encodeInput(
  messages: readonly Message[],
  profile: ResponsesProfile,
  dropped: Set<string>,
): EncodedInput {
  const [first, ...others] = messages;
  const instructions = profile.instructions === 'parameter' && others.length > 0 ? plainInstructions(first) : undefined;
  const rest = instructions === undefined ? messages : others;
  const input = rest.flatMap((message) => encodeMessage(message, dropped));
  return { ...(instructions !== undefined && { instructions }), input };
}

function plainInstructions(message: Message | undefined): string | undefined {
  if (message?.role !== 'system' || message.parts.length !== 1 || message.name !== undefined) return undefined;
  const [part] = message.parts;
  return part?.type === 'text' ? part.text : undefined;
}

function encodeMessage(message: Message, dropped: Set<string>): JsonObject[] {
  noteExtensions(message, dropped);
  switch (message.role) {
    case 'assistant':
      return encodeSaid(message.parts, dropped);
    case 'tool':
      return message.parts.flatMap((part) => (part.type === 'tool-result' ? [encodeResult(part, dropped)] : []));
    default:
      return encodeHeard(message, dropped);
  }
}

/** What only another dialect knows, of a message or its parts, has no place here. */
function noteExtensions(message: Message, dropped: Set<string>): void {
  if (message.name !== undefined) dropped.add('messages.name');
  for (const carrier of [message, ...message.parts]) {
    if (!('extensions' in carrier)) continue;
    for (const fields of Object.values(carrier.extensions ?? {})) {
      for (const key of Object.keys(fields ?? {})) dropped.add(`messages.${key}`);
    }
  }
}

/** Items that only this dialect knows stand by themselves; parts only it knows stand in the content. */
function encodeHeard({ role, parts }: Message, dropped: Set<string>): JsonObject[] {
  const isItem = (part: Part): boolean => part.type === 'extension' && isOwnItem(part.data);
  const items = parts.flatMap((part) =>
    part.type === 'extension' && part.dialect === 'openai-responses' && isItem(part) ? [part.data] : [],
  );
  if (items.length > 0 && items.length === parts.length) return items;
  const content = encodeContent(
    parts.filter((part) => !items.some((item) => isData(part, item))),
    dropped,
  );
  return [{ type: 'message', role, content }, ...items];
}

function isData(part: Part, item: JsonObject): boolean {
  return part.type === 'extension' && part.data === item;
}

/** Parts of content are called `input_...`. */
function isOwnItem(data: JsonObject): boolean {
  return !(asString(data.type) ?? '').startsWith('input_');
}

// ---- What the model said ----

const contentTypes: ReadonlySet<string> = new Set([
  'output_text',
  'refusal',
  'input_text',
  'input_image',
  'input_file',
]);

/** One item for texts that follow each other, up to one that begins an item of its own. */
function encodeSaid(parts: readonly Part[], dropped: Set<string>): JsonObject[] {
  const items: JsonObject[] = [];
  let open: { readonly state: JsonObject; readonly content: JsonObject[] } | undefined;
  const close = (): void => {
    if (open !== undefined) items.push(messageItem(open.state, open.content));
    open = undefined;
  };
  for (const part of parts) {
    const said = saidPart(part);
    const state = part.type === 'text' ? stateOf(part.signature) : undefined;
    if (said === undefined || state !== undefined) close();
    if (said === undefined) items.push(...encodeDone(part, dropped));
    else {
      open ??= { state: state ?? {}, content: [] };
      open.content.push(said);
    }
  }
  close();
  return items;
}

function saidPart(part: Part): JsonObject | undefined {
  if (part.type === 'text') return { type: 'output_text', text: part.text };
  if (part.type === 'refusal') return { type: 'refusal', refusal: part.text };
  if (part.type !== 'extension' || part.dialect !== 'openai-responses') return undefined;
  return contentTypes.has(asString(part.data.type) ?? '') ? part.data : undefined;
}

/** Plain text goes as a string; with an id the item is an output message, whose texts have annotations. */
function messageItem(state: JsonObject, content: readonly JsonObject[]): JsonObject {
  const base: MutableJson = { type: 'message', role: 'assistant' };
  const [only] = content;
  if (state.id === undefined && content.length === 1 && only?.type === 'output_text') {
    return { ...base, content: only.text, ...state };
  }
  const parts = content.map((part) => (part.type === 'output_text' ? { ...part, annotations: [] } : part));
  return { ...base, ...(state.id !== undefined && { status: 'completed' }), content: parts, ...state };
}

/** Reasoning, calls, and items of tools the provider runs itself. */
function encodeDone(part: Part, dropped: Set<string>): JsonObject[] {
  switch (part.type) {
    case 'reasoning': {
      const item = encodeReasoningItem(part);
      if (item !== undefined) return [item];
      if (part.text !== '' || part.redacted !== undefined) dropped.add('reasoning_content');
      return [];
    }
    case 'tool-call':
      return [encodeCall(part)];
    case 'extension':
      if (part.dialect === 'openai-responses') return [part.data];
      dropped.add(`messages.content.${asString(part.data.type) ?? 'part'}`);
      return [];
    default:
      // Media the model made has no place in what it said.
      dropped.add(`messages.content.${part.type}`);
      return [];
  }
}

function encodeCall(call: ToolCallPart): JsonObject {
  const { id, name, signature } = call;
  return { type: 'function_call', call_id: callId(id), name, arguments: call.arguments, ...stateOf(signature) };
}

function encodeResult({ toolCallId, content }: ToolResultPart, dropped: Set<string>): JsonObject {
  return { type: 'function_call_output', call_id: callId(toolCallId), output: encodeContent(content, dropped) };
}

/** OpenAI answers 400 to ids of more than 64 characters; the same id always becomes the same shorter one. */
function callId(id: string): string {
  return id.length <= 64 ? id : generatedCallId(id, 0, 0);
}
