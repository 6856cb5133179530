import type { Cancellation } from '../core/cancellation.ts';
import { GatewayError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import { acceptParsedBody, parseRequestBody } from '../wire/parse-request-body.ts';
import { collectBody } from './collect-body.ts';
import type { HttpRequest } from './http-types.ts';

export interface ReadBodyOptions {
  /** Largest body in bytes, after decompression. */
  readonly limit: number;
  /** Says when nobody waits for the answer any more. */
  readonly cancellation: Cancellation;
}

/**
 * The request body, whoever read it: ourselves, or the app's `express.json()`, `express.raw()` or `express.text()`
 * before us.
 *
 * @throws GatewayError `request_too_large`, `unsupported_media_type`, `invalid_request`, and those of parsing
 */
export async function readBody(request: HttpRequest, { limit, cancellation }: ReadBodyOptions): Promise<RequestBody> {
  if (hasParsedBody(request)) return acceptParsedBody(request.body);
  checkMediaType(request.headers['content-type']);
  if (request.readableEnded) {
    throw new GatewayError('wrong_mount', {
      message: 'Something in front of the gateway consumed the request body without leaving it in `req.body`.',
    });
  }
  const bytes = await collectBody(request, { limit, cancellation });
  try {
    return parseRequestBody(bytes);
  } catch (thrown) {
    throw clearerForForeignTypes(thrown, request.headers['content-type']);
  }
}

/** Express 4's parsers leave `{}` on a request they have not touched, as when its content type is not theirs. */
function hasParsedBody({ body, readableDidRead }: HttpRequest): boolean {
  const untouched = !readableDidRead && isJsonObject(body) && Object.keys(body).length === 0;
  return body !== undefined && !untouched;
}

/** Whatever parses as JSON is served; what can never be JSON is refused before it is read. */
function checkMediaType(contentType: string | undefined): void {
  const type = contentType?.toLowerCase() ?? '';
  if (type.startsWith('multipart/')) throw new GatewayError('unsupported_media_type');
  const charset = /;\s*charset="?([^";\s]+)/.exec(type)?.[1];
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    throw new GatewayError('unsupported_media_type', { message: 'The request body must be JSON in UTF-8.' });
  }
}

function clearerForForeignTypes(thrown: unknown, contentType: string | undefined): unknown {
  const saysJson = contentType === undefined || contentType.toLowerCase().includes('json');
  const unreadable = thrown instanceof GatewayError && thrown.code === 'invalid_json';
  return unreadable && !saysJson ? new GatewayError('unsupported_media_type') : thrown;
}
