import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { Refusal, WireRequest } from '../personality.ts';
import { invalid } from './errors.ts';

/**
 * What Ollama refuses with 400, in its words. It is a Go program that reads JSON into types: what does not fit is refused,
 * members it does not know are ignored. https://docs.ollama.com/api/chat
 */
export function checkRequest(request: WireRequest): Refusal | undefined {
  const body = asObject(request.json);
  if (request.json === undefined) return invalid('unexpected EOF');
  if (body === undefined) return misfit(request.json, 'ChatRequest');
  return firstRefusal([
    () => (asString(body.model) ? undefined : invalid('model is required')),
    () => refuseAny(asArray(body.messages), checkMessage),
    () => (asArrayOrNothing(body.messages) ? undefined : misfit(body.messages, 'ChatRequest.messages')),
    () => (asArrayOrNothing(body.tools) ? undefined : misfit(body.tools, 'ChatRequest.tools')),
    () => refuseAny(asArray(body.tools), checkTool),
    () => checkFormat(body.format),
    () => checkThink(body.think),
    () => checkOptions(body.options),
    () => checkLogprobs(body),
  ]);
}

function asArrayOrNothing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || Array.isArray(value);
}

/** What Go's decoder says of a value of the wrong type. https://pkg.go.dev/encoding/json#UnmarshalTypeError */
function misfit(value: JsonValue | undefined, field: string): Refusal {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return invalid(`json: cannot unmarshal ${found} into Go struct field ${field}`);
}

function checkMessage(value: JsonValue): Refusal | undefined {
  const message = asObject(value);
  if (message === undefined) return misfit(value, 'ChatRequest.messages');
  const texts = ['role', 'content', 'thinking', 'tool_name', 'tool_call_id'];
  const wrong = texts.find((name) => message[name] != null && typeof message[name] !== 'string');
  if (wrong !== undefined) return misfit(message[wrong], `ChatRequest.messages.${wrong} of type string`);
  return firstRefusal([
    () => refuseAny(asArray(message.images), checkImage),
    () => refuseAny(asArray(message.tool_calls), checkToolCall),
  ]);
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkImage(image: JsonValue): Refusal | undefined {
  if (typeof image !== 'string') return misfit(image, 'ChatRequest.messages.images of type string');
  if (base64.test(image)) return undefined;
  return invalid(`illegal base64 data at input byte ${image.search(/[^A-Za-z0-9+/]/)}`);
}

function checkToolCall(call: JsonValue): Refusal | undefined {
  const { arguments: given } = asObject(asObject(call)?.function) ?? {};
  return given === undefined || isJsonObject(given)
    ? undefined
    : misfit(given, 'ToolCallFunction.messages.tool_calls.function.arguments');
}

function checkTool(value: JsonValue): Refusal | undefined {
  const declared = asObject(asObject(value)?.function);
  if (declared === undefined) return misfit(asObject(value)?.function, 'ChatRequest.tools.function');
  const { parameters } = declared;
  return parameters === undefined || isJsonObject(parameters)
    ? undefined
    : misfit(parameters, 'ChatRequest.tools.function.parameters');
}

function checkFormat(format: JsonValue | undefined): Refusal | undefined {
  const known = format == null || format === '' || format === 'json' || isJsonObject(format);
  return known ? undefined : invalid(`invalid format: ${JSON.stringify(format)}; expected "json" or a JSON schema`);
}

const levels: readonly (JsonValue | undefined)[] = ['high', 'medium', 'low', 'max', true, false, null, undefined];

function checkThink(think: JsonValue | undefined): Refusal | undefined {
  if (levels.includes(think)) return undefined;
  return invalid(
    `invalid think value: ${JSON.stringify(think)} (must be "high", "medium", "low", "max", true, or false)`,
  );
}

const optionTypes: Readonly<Record<string, 'float32' | 'integer' | 'array'>> = {
  temperature: 'float32',
  top_p: 'float32',
  min_p: 'float32',
  repeat_penalty: 'float32',
  presence_penalty: 'float32',
  frequency_penalty: 'float32',
  top_k: 'integer',
  seed: 'integer',
  num_predict: 'integer',
  num_ctx: 'integer',
  stop: 'array',
};

function checkOptions(value: JsonValue | undefined): Refusal | undefined {
  if (value == null) return undefined;
  const options = asObject(value);
  if (options === undefined) return misfit(value, 'ChatRequest.options');
  const wrong = Object.entries(optionTypes).find(([name, type]) => options[name] != null && !fits(options[name], type));
  return wrong === undefined ? undefined : invalid(`option "${wrong[0]}" must be of type ${wrong[1]}`);
}

function fits(value: JsonValue | undefined, type: 'float32' | 'integer' | 'array'): boolean {
  return type === 'array' ? Array.isArray(value) : typeof value === 'number';
}

function checkLogprobs({ top_logprobs: count }: JsonObject): Refusal | undefined {
  if (count == null || (typeof count === 'number' && count >= 0 && count <= 20)) return undefined;
  return invalid('top_logprobs must be between 0 and 20');
}
