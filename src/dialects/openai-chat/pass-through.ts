import { asArray, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { accepts, acceptsField, type ModelProfile } from './model-profile.ts';
import { gatewayMembers } from './request-decode.ts';
import { isNineAlphanumerics } from './tool-call-ids.ts';

/**
 * How a caller's body may go to the provider as it is but for a few top-level members. `undefined` when anything in it
 * would have to be rewritten, or might.
 */
export function passThrough(
  body: JsonObject,
  target: EncodeTarget,
  profile: ModelProfile,
): readonly Splice[] | undefined {
  if (profile.translateAnswers || !messagesFit(body.messages, profile)) return undefined;
  const splices: Splice[] = [];
  for (const key of Object.keys(body)) {
    if (!spliceMember(key, body, profile, splices)) return undefined;
  }
  splices.push(['model', JSON.stringify(target.model)]);
  if (body.stream === true && profile.streamOptions) spliceStreamOptions(body.stream_options, splices);
  return withBound({ splices, body, bound: target.maxOutputTokens }, profile);
}

/** Another bound than the caller's, under the name the caller uses where the provider knows it. */
function withBound(
  { splices, body, bound }: { splices: readonly Splice[]; body: JsonObject; bound: number | undefined },
  profile: ModelProfile,
): readonly Splice[] | undefined {
  if (bound === undefined) return splices;
  const field = profile.maxTokensFields.find((name) => name in body) ?? profile.maxTokensFields[0];
  if (field === undefined || !accepts(profile, field)) return undefined;
  return [...splices.filter(([key]) => key !== field), [field, JSON.stringify(bound)]];
}

/** Notes what has to change about one member. False when it cannot go like this. */
function spliceMember(key: string, body: JsonObject, profile: ModelProfile, splices: Splice[]): boolean {
  switch (key) {
    case 'model':
    case 'messages':
      return true;
    case 'stream':
      return typeof body.stream === 'boolean' || body.stream === null;
    case 'stream_options':
      if (body.stream === true && profile.streamOptions) return true;
      splices.push([key, undefined]);
      return true;
    case 'n':
      if (accepts(profile, key)) return true;
      // What everybody does unasked.
      splices.push([key, undefined]);
      return body.n === 1 || body.n === null;
    case 'max_tokens':
    case 'max_completion_tokens':
      return spliceMaxTokens(key, body, profile, splices);
    case 'tools':
      return accepts(profile, key) && asArray(body.tools).every((tool) => toolFits(tool, profile));
    case 'tool_choice':
      return hasTools(body) && accepts(profile, key) && spliceToolChoice(body, profile, splices);
    case 'parallel_tool_calls':
      return hasTools(body) && accepts(profile, key);
    case 'response_format':
      return accepts(profile, key) && (profile.jsonSchema || asObject(body.response_format)?.type !== 'json_schema');
    case 'reasoning_effort':
      return accepts(profile, key) && profile.reasoningParameter === 'effort';
    default:
      if (!gatewayMembers.has(key)) return accepts(profile, key);
      splices.push([key, undefined]);
      return true;
  }
}

/** Some clients send what belongs to tools without any, and some providers answer 400 to that. */
function hasTools(body: JsonObject): boolean {
  return asArray(body.tools).length > 0;
}

function spliceMaxTokens(
  key: 'max_tokens' | 'max_completion_tokens',
  body: JsonObject,
  profile: ModelProfile,
  splices: Splice[],
): boolean {
  if (profile.maxTokensFields.includes(key)) return accepts(profile, key);
  const [name] = profile.maxTokensFields;
  if (name === undefined || name in body || typeof body[key] !== 'number' || !accepts(profile, name)) return false;
  splices.push([key, undefined], [name, JSON.stringify(body[key])]);
  return true;
}

function spliceToolChoice(body: JsonObject, profile: ModelProfile, splices: Splice[]): boolean {
  const choice = body.tool_choice;
  if (choice === 'required' && profile.requiredToolChoice !== choice) {
    splices.push(['tool_choice', JSON.stringify(profile.requiredToolChoice)]);
    return true;
  }
  if (!isJsonObject(choice)) return choice === 'auto' || choice === 'none' || choice === profile.requiredToolChoice;
  return choice.type === 'allowed_tools' ? profile.allowedTools : profile.namedToolChoice;
}

function spliceStreamOptions(options: JsonValue | undefined, splices: Splice[]): void {
  if (asObject(options)?.include_usage === true) return;
  splices.push(['stream_options', JSON.stringify({ ...asObject(options), include_usage: true })]);
}

const toolMembers: ReadonlySet<string> = new Set(['type', 'function']);

function toolFits(tool: JsonValue, profile: ModelProfile): boolean {
  if (!isJsonObject(tool)) return false;
  if (tool.type === undefined) return false;
  if (!profile.strictTools && asObject(tool.function)?.strict !== undefined) return false;
  return (
    tool.type !== 'function' || Object.keys(tool).every((key) => toolMembers.has(key) || acceptsField(profile, key))
  );
}

function messagesFit(messages: JsonValue | undefined, profile: ModelProfile): boolean {
  return Array.isArray(messages) && messages.length > 0 && messages.every((message) => messageFits(message, profile));
}

function messageFits(message: JsonValue, profile: ModelProfile): boolean {
  if (!isJsonObject(message) || !roleFits(message.role, profile)) return false;
  if (!contentFits(message.content, message.role === 'tool', profile)) return false;
  return Object.keys(message).every((key) => memberFits(message, key, profile));
}

function roleFits(role: JsonValue | undefined, profile: ModelProfile): boolean {
  switch (role) {
    case 'user':
    case 'assistant':
    case 'tool':
      return true;
    case 'system':
      return profile.instructionRoles !== 'user';
    case 'developer':
      return profile.instructionRoles === 'both';
    case 'function':
      return accepts(profile, 'functions');
    default:
      return false;
  }
}

function memberFits(message: JsonObject, key: string, profile: ModelProfile): boolean {
  switch (key) {
    case 'role':
    case 'content':
      return true;
    case 'tool_calls':
      return message.tool_calls === null || asArray(message.tool_calls).every((call) => callFits(call, profile));
    case 'tool_call_id':
      return idFits(message.tool_call_id, profile);
    case 'function_call':
      return accepts(profile, 'functions');
    case 'reasoning_content':
    case 'reasoning':
      return profile.reasoningHistory === key;
    case 'reasoning_details':
      return profile.reasoningDetails;
    default:
      return acceptsField(profile, key);
  }
}

function callFits(call: JsonValue, profile: ModelProfile): boolean {
  if (!isJsonObject(call) || !idFits(call.id, profile)) return false;
  return Object.keys(call).every(
    (key) => key === 'id' || key === 'type' || key === 'function' || key === 'index' || acceptsField(profile, key),
  );
}

function idFits(id: JsonValue | undefined, profile: ModelProfile): boolean {
  return typeof id === 'string' && (profile.toolCallIds === 'any' || isNineAlphanumerics(id));
}

const plainParts: Readonly<Record<string, string>> = {
  text: 'text',
  image_url: 'image_url',
  input_audio: 'input_audio',
  file: 'file',
  refusal: 'refusal',
};

function contentFits(content: JsonValue | undefined, isToolResult: boolean, profile: ModelProfile): boolean {
  if (!Array.isArray(content)) return content === undefined || content === null || typeof content === 'string';
  if (profile.content === 'string') return false;
  return content.every((part) => partFits(part, isToolResult, profile));
}

function partFits(part: JsonValue, isToolResult: boolean, profile: ModelProfile): boolean {
  if (!isJsonObject(part) || typeof part.type !== 'string') return false;
  const member = Object.hasOwn(plainParts, part.type) ? plainParts[part.type] : undefined;
  if (member === undefined) return profile.extraFields === 'all';
  if (isToolResult && member !== 'text' && !profile.toolResultMedia) return false;
  return Object.keys(part).every((key) => key === 'type' || key === member || acceptsField(profile, key));
}
