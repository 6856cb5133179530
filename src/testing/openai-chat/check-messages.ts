import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { Refusal } from '../personality.ts';
import { invalid } from './invalid.ts';

const roles = ['system', 'assistant', 'user', 'function', 'tool', 'developer'];

export function checkMessages(body: JsonObject): Refusal | undefined {
  if (!Array.isArray(body.messages)) {
    return invalid("Missing required parameter: 'messages'.", {
      param: 'messages',
      code: 'missing_required_parameter',
    });
  }
  const messages = asArray(body.messages).map((message) => asObject(message) ?? {});
  if (messages.length === 0) {
    return invalid(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      { param: 'messages', code: 'empty_array' },
    );
  }
  return firstRefusal([() => refuseAny(messages, checkMessage), () => checkToolTurns(messages)]);
}

function checkMessage(message: JsonObject, index: number): Refusal | undefined {
  const role = asString(message.role) ?? '';
  if (!roles.includes(role)) {
    return invalid(
      `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      { param: `messages[${index}].role`, code: 'invalid_value' },
    );
  }
  return firstRefusal([
    () => checkContent(message, index),
    () =>
      refuseAny(asArray(message.tool_calls), (call, position) =>
        checkToolCall(asObject(call) ?? {}, { index, position }),
      ),
  ]);
}

const partTypes: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
};

function checkContent(message: JsonObject, index: number): Refusal | undefined {
  const { content } = message;
  const mayBeEmpty =
    message.role === 'assistant' &&
    (message.tool_calls !== undefined ||
      message.refusal !== undefined ||
      message.audio !== undefined ||
      message.function_call !== undefined);
  if (content === undefined || content === null) {
    return mayBeEmpty
      ? undefined
      : invalid("Invalid value for 'content': expected a string, got null.", { param: `messages.[${index}].content` });
  }
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) {
    return invalid(`Invalid type for 'messages[${index}].content': expected one of a string or array of objects.`, {
      param: `messages[${index}].content`,
      code: 'invalid_type',
    });
  }
  const allowed = partTypes[asString(message.role) ?? ''] ?? ['text'];
  return refuseAny(asArray(content), (part, position) =>
    checkPart(asObject(part) ?? {}, { allowed, where: `messages[${index}].content[${position}]` }),
  );
}

function checkPart(
  part: JsonObject,
  { allowed, where }: { readonly allowed: readonly string[]; readonly where: string },
): Refusal | undefined {
  const type = asString(part.type) ?? '';
  if (!allowed.includes(type)) {
    const supported = allowed.map((one) => `'${one}'`).join(', ');
    return invalid(`Invalid value: '${type}'. Supported values are: ${supported}.`, {
      param: `${where}.type`,
      code: 'invalid_value',
    });
  }
  if (type === 'text' && typeof part.text !== 'string') {
    return invalid(`Missing required parameter: '${where}.text'.`, {
      param: `${where}.text`,
      code: 'missing_required_parameter',
    });
  }
  return type === 'image_url' ? checkImage(asString(asObject(part.image_url)?.url) ?? '', where) : undefined;
}

/** https://platform.openai.com/docs/guides/images-vision#image-input-requirements */
function checkImage(url: string, where: string): Refusal | undefined {
  if (/^https?:\/\//.test(url)) return undefined;
  if (!url.startsWith('data:')) {
    return invalid(`Invalid '${where}.image_url.url'. Expected a valid URL, but got a value with an invalid format.`, {
      param: `${where}.image_url.url`,
      code: 'invalid_value',
    });
  }
  if (/^data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/.test(url)) return undefined;
  return invalid(
    "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    { code: 'invalid_image_format' },
  );
}

const maximumIdLength = 40;

function checkToolCall(
  call: JsonObject,
  at: { readonly index: number; readonly position: number },
): Refusal | undefined {
  const where = `messages[${at.index}].tool_calls[${at.position}]`;
  const id = asString(call.id);
  const called = asObject(call.function);
  if (id === undefined) {
    return invalid(`Missing required parameter: '${where}.id'.`, {
      param: `${where}.id`,
      code: 'missing_required_parameter',
    });
  }
  if (id.length > maximumIdLength) {
    return invalid(
      `Invalid '${where}.id': string too long. Expected a string with maximum length ${maximumIdLength}, but got a string with length ${id.length} instead.`,
      { param: `${where}.id`, code: 'string_above_max_length' },
    );
  }
  if (call.type !== 'function' || called === undefined) {
    return call.type === 'custom'
      ? undefined
      : invalid(`Missing required parameter: '${where}.type'.`, {
          param: `${where}.type`,
          code: 'missing_required_parameter',
        });
  }
  if (typeof called.arguments === 'string') return undefined;
  return invalid(`Invalid type for '${where}.function.arguments': expected a string, but got an object instead.`, {
    param: `${where}.function.arguments`,
    code: 'invalid_type',
  });
}

/** Every call is answered by `tool` messages right after it, and every `tool` message answers a call. */
function checkToolTurns(messages: readonly JsonObject[]): Refusal | undefined {
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const answered = asString(message.tool_call_id) ?? '';
    if (message.role === 'tool') {
      if (!open.delete(answered)) return strayResult(index);
    } else {
      if (open.size > 0) return unansweredCalls(open, index);
      open = new Set(asArray(message.tool_calls).map((call) => asString(asObject(call)?.id) ?? ''));
    }
  }
  return open.size > 0 ? unansweredCalls(open, messages.length) : undefined;
}

function strayResult(index: number): Refusal {
  return invalid(
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    { param: `messages.[${index}].role` },
  );
}

function unansweredCalls(open: ReadonlySet<string>, index: number): Refusal {
  return invalid(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(', ')}`,
    { param: `messages.[${index}].role` },
  );
}
