import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { invalid } from '../openai-chat/invalid.ts';
import type { Refusal } from '../personality.ts';
import { encryptedContent } from './encrypted-content.ts';

export function checkInput(body: JsonObject): Refusal | undefined {
  const { input } = body;
  if (input === undefined || input === null) {
    if (body.prompt !== undefined || body.conversation !== undefined) return undefined;
    return invalid("Missing required parameter: 'input'.", { param: 'input', code: 'missing_required_parameter' });
  }
  if (typeof input === 'string') return undefined;
  if (!Array.isArray(input)) {
    return invalid("Invalid type for 'input': expected one of an array of objects or string.", {
      param: 'input',
      code: 'invalid_type',
    });
  }
  const items = asArray(input).map((item) => asObject(item) ?? {});
  return firstRefusal([
    () => refuseAny(items, (item, index) => checkItem(item, `input[${index}]`)),
    () => checkCalls(body, items),
    () => refuseAny(items, (item, index) => checkReasoning(item, items[index + 1])),
  ]);
}

const roles = ['assistant', 'system', 'developer', 'user'];

function checkItem(item: JsonObject, where: string): Refusal | undefined {
  switch (item.type ?? 'message') {
    case 'message':
      return checkMessage(item, where);
    case 'function_call':
      return checkStrings(item, ['call_id', 'name', 'arguments'], where);
    case 'function_call_output':
      return firstRefusal([() => checkStrings(item, ['call_id'], where), () => checkOutput(item, where)]);
    case 'item_reference':
      return checkReference(item);
    default:
      return undefined;
  }
}

function checkMessage(item: JsonObject, where: string): Refusal | undefined {
  const role = asString(item.role) ?? '';
  if (!roles.includes(role)) {
    return invalid(`Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`, {
      param: `${where}.role`,
      code: 'invalid_value',
    });
  }
  if (typeof item.content === 'string') return undefined;
  if (!Array.isArray(item.content)) {
    return invalid(`Invalid type for '${where}.content': expected one of an array of objects or string.`, {
      param: `${where}.content`,
      code: 'invalid_type',
    });
  }
  const allowed = role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file'];
  return refuseAny(asArray(item.content), (part, index) =>
    checkPart(asObject(part) ?? {}, { allowed, where: `${where}.content[${index}]` }),
  );
}

function checkOutput({ output }: JsonObject, where: string): Refusal | undefined {
  if (typeof output === 'string') return undefined;
  if (!Array.isArray(output)) {
    return invalid(`Invalid type for '${where}.output': expected one of an array of objects or string.`, {
      param: `${where}.output`,
      code: 'invalid_type',
    });
  }
  const allowed = ['input_text', 'input_image', 'input_file'];
  return refuseAny(asArray(output), (part, index) =>
    checkPart(asObject(part) ?? {}, { allowed, where: `${where}.output[${index}]` }),
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
  if (type === 'input_image') return checkImage(part, where);
  if (type === 'input_file') return checkFile(part, where);
  return type === 'refusal' ? undefined : checkStrings(part, ['text'], where);
}

/** https://platform.openai.com/docs/guides/images-vision#image-input-requirements */
function checkImage(part: JsonObject, where: string): Refusal | undefined {
  if (typeof part.file_id === 'string') return undefined;
  const url = asString(part.image_url) ?? '';
  if (/^https?:\/\//.test(url)) return undefined;
  if (/^data:image\/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/.test(url)) return undefined;
  return invalid(`Invalid '${where}.image_url'. Expected a valid URL, but got a value with an invalid format.`, {
    param: `${where}.image_url`,
    code: 'invalid_value',
  });
}

function checkFile(part: JsonObject, where: string): Refusal | undefined {
  if (typeof part.file_id === 'string' || typeof part.file_url === 'string') return undefined;
  if (/^data:[^;,]+;base64,/.test(asString(part.file_data) ?? '')) return checkStrings(part, ['filename'], where);
  return invalid(
    `Invalid file data: '${where}.file_data'. Expected a base64-encoded data URL with a valid file MIME type.`,
    { param: `${where}.file_data`, code: 'invalid_value' },
  );
}

function checkStrings(holder: JsonObject, names: readonly string[], where: string): Refusal | undefined {
  return refuseAny(names, (name) => {
    const value = holder[name];
    const param = `${where}.${name}`;
    if (value === undefined || value === null) {
      return invalid(`Missing required parameter: '${param}'.`, { param, code: 'missing_required_parameter' });
    }
    if (typeof value !== 'string') {
      return invalid(`Invalid type for '${param}': expected a string, but got an object instead.`, {
        param,
        code: 'invalid_type',
      });
    }
    if (name !== 'call_id' || value.length <= 64) return undefined;
    return invalid(
      `Invalid '${param}': string too long. Expected a string with maximum length 64, but got a string with length ${value.length} instead.`,
      { param, code: 'string_above_max_length' },
    );
  });
}

/** The fake provider takes every id it could have given. */
function checkReference(item: JsonObject): Refusal | undefined {
  const id = asString(item.id) ?? '';
  if (/^[a-z]+_[0-9A-Za-z-]+$/.test(id)) return undefined;
  return { status: 404, message: `Item with id '${id}' not found.`, param: 'input' };
}

/** Every call has its output, and every output its call; unless a part of the conversation is kept by the provider. */
function checkCalls(body: JsonObject, items: readonly JsonObject[]): Refusal | undefined {
  const isKept = (body.previous_response_id ?? body.conversation ?? null) !== null;
  if (isKept || items.some((item) => item.type === 'item_reference')) return undefined;
  const ids = (type: string): readonly string[] =>
    items.flatMap((item) => (item.type === type ? [asString(item.call_id) ?? ''] : []));
  const calls = ids('function_call');
  const outputs = ids('function_call_output');
  const stray = outputs.find((id) => !calls.includes(id));
  if (stray !== undefined) {
    return invalid(`No tool call found for function call output with call_id ${stray}.`, { param: 'input' });
  }
  const open = calls.find((id) => !outputs.includes(id));
  if (open === undefined) return undefined;
  return invalid(`No tool output found for function call ${open}.`, { param: 'input' });
}

/** https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items */
function checkReasoning(item: JsonObject, next: JsonObject | undefined): Refusal | undefined {
  if (item.type !== 'reasoning') return undefined;
  const id = asString(item.id) ?? '';
  const encrypted = asString(item.encrypted_content);
  if (encrypted !== undefined && encrypted !== encryptedContent(id)) {
    return invalid(
      `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      { code: 'invalid_encrypted_content' },
    );
  }
  if (encrypted === undefined && !/^rs_[0-9A-Za-z]+$/.test(id)) {
    return { status: 404, message: `Item with id '${id}' not found.`, param: 'input' };
  }
  const follows = next !== undefined && next.role !== 'user' && next.type !== 'function_call_output';
  if (follows) return undefined;
  return invalid(`Item '${id}' of type 'reasoning' was provided without its required following item.`, {
    param: 'input',
  });
}
