import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import { isDeeperThan } from './json-depth.ts';
import { scanJson } from './scan-json.ts';

/** How deep a request may nest. Tool schemas stay far below; recursive code after us stays on the stack. */
export const maxRequestDepth = 100;

/**
 * The request body as bytes and as JSON.
 *
 * @throws GatewayError `invalid_utf8`, `json_too_deep`, `invalid_json`, `invalid_request`, `forbidden_key`
 */
export function parseRequestBody(sent: Buffer): RequestBody {
  const bytes = withoutByteOrderMark(sent);
  if (!isUtf8(bytes)) throw new GatewayError('invalid_utf8');
  const scan = scanJson(bytes, maxRequestDepth);
  if (!scan.depthAllowed) throw tooDeep();
  const json = parseObject(bytes.toString('utf8'));
  if (scan.suspicious) refuseForbiddenKeys(json);
  // A key sent twice means different things to different parsers: such a body is never passed on as it was sent.
  const unambiguous = scan.members.length === Object.keys(json).length;
  return unambiguous ? { json, bytes, members: scan.members } : { json };
}

/**
 * The request body when the app's own parser ran first.
 *
 * @throws GatewayError `unsupported_media_type`, `invalid_request`, `json_too_deep`, `forbidden_key`
 */
export function acceptParsedBody(parsed: unknown): RequestBody {
  if (Buffer.isBuffer(parsed)) return parseRequestBody(parsed);
  if (typeof parsed === 'string') return parseRequestBody(Buffer.from(parsed));
  if (!isJsonObject(parsed)) throw notAnObject();
  if (isDeeperThan(parsed, maxRequestDepth)) throw tooDeep();
  refuseForbiddenKeys(parsed);
  return { json: parsed };
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the body.
    throw new GatewayError('invalid_json');
  }
  if (!isJsonObject(value)) throw notAnObject();
  return value;
}

function notAnObject(): GatewayError {
  return new GatewayError('invalid_request', { message: 'The request body must be a JSON object.' });
}

function tooDeep(): GatewayError {
  return new GatewayError('json_too_deep', {
    message: `The request body is nested more than ${maxRequestDepth} levels deep.`,
  });
}

/** Refuses keys that would reach a prototype if somebody further on merged the value carelessly. */
function refuseForbiddenKeys(value: JsonValue | undefined): void {
  if (typeof value !== 'object' || value === null) return;
  if (isJsonObject(value)) {
    const inner = Object.hasOwn(value, 'constructor') ? value.constructor : undefined;
    if (Object.hasOwn(value, '__proto__') || (isJsonObject(inner) && Object.hasOwn(inner, 'prototype'))) {
      throw new GatewayError('forbidden_key', {
        message: 'The keys `__proto__` and `constructor.prototype` are not allowed in a request.',
      });
    }
  }
  for (const entry of Object.values(value)) refuseForbiddenKeys(entry);
}
