import type { Transform } from 'node:stream';
import { cancellationError } from '../attempt/outcome.ts';
import type { Cancellation } from '../core/cancellation.ts';
import { GatewayError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import type { RequestBody } from '../core/request-body.ts';
import { decompressionStream } from '../wire/decompression-stream.ts';
import { acceptParsedBody, parseRequestBody } from '../wire/parse-request-body.ts';
import type { HttpRequest } from './http-types.ts';

/** Images travel inside the body; providers themselves take 20 to 32 MB. */
export const defaultBodyLimit = 32 * 1024 * 1024;

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
  const bytes = await collect(decompressed(request), request, { limit, cancellation });
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

interface ByteSource {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  once(event: 'end' | 'error' | 'close' | 'aborted', listener: () => void): unknown;
  pause(): unknown;
}

function decompressed(request: HttpRequest): HttpRequest | Transform {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return request;
  const transform = decompressionStream(encoding);
  if (transform === undefined) {
    throw new GatewayError('unsupported_media_type', {
      message: 'The content encodings taken here are gzip, deflate, br and zstd, one at a time.',
    });
  }
  return request.pipe(transform);
}

function collect(source: ByteSource, request: HttpRequest, { limit, cancellation }: ReadBodyOptions): Promise<Buffer> {
  const declared = Number(request.headers['content-length']);
  if (source === request && declared > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const forget = cancellation.onCancel((reason) => reject(cancellationError(reason)));
    source.on('data', (chunk) => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      // Nothing more is read: the answer closes the connection.
      source.pause();
      request.unpipe();
      request.pause();
      forget();
      reject(tooLarge(limit));
    });
    source.once('end', () => {
      forget();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    // The request itself fails only with its connection, of which the cancellation tells.
    if (source !== request) source.once('error', () => reject(undecodable()));
  });
}

function undecodable(): GatewayError {
  return new GatewayError('invalid_request', { message: 'The request body cannot be decompressed.' });
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('request_too_large', {
    message: `The request body is larger than ${limit} bytes.`,
    headers: { connection: 'close' },
  });
}
