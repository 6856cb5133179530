import { Readable } from 'node:stream';
import { GatewayError } from '../../core/errors.ts';
import type { HttpRequest } from '../http-types.ts';

/**
 * The request's body when something in front of us has read it; `undefined` when the request itself can still be read.
 * Only bytes and texts are what was sent, and JSON can be written again; forms and uploads cannot.
 *
 * @throws GatewayError `wrong_mount`
 */
export function bodyReadBefore(request: HttpRequest): Buffer | undefined {
  if (!request.readableDidRead) return undefined;
  const { body } = request;
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === 'string') return Buffer.from(body);
  const type = request.headers['content-type'] ?? '';
  if (typeof body === 'object' && body !== null && /\bjson\b/i.test(type)) return Buffer.from(JSON.stringify(body));
  if (Number(request.headers['content-length'] ?? 0) === 0 && request.headers['transfer-encoding'] === undefined) {
    return Buffer.alloc(0);
  }
  throw new GatewayError('wrong_mount', {
    message: 'Something in front of `passThrough` has read the request body. Mount `passThrough` before it.',
  });
}

export function streamOf(bytes: Buffer): Readable {
  return Readable.from([bytes]);
}
