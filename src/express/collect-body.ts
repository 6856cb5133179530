import type { Readable, Transform } from 'node:stream';
import { cancellationError } from '../attempt/outcome.ts';
import type { Cancellation } from '../core/cancellation.ts';
import { GatewayError } from '../core/errors.ts';
import { decompressionStream } from '../wire/decompression-stream.ts';
import type { HttpRequest } from './http-types.ts';

export interface CollectOptions {
  /** Largest body in bytes, after decompression. */
  readonly limit: number;
  /** Says when nobody waits for the answer any more. */
  readonly cancellation: Cancellation;
}

/** Text and base64 inflate to a few times their size; what grows beyond both of these was made to fill the memory. */
const harmlessBytes = 4 * 1024 * 1024;
const plausibleGrowth = 100;

/**
 * All bytes of a request's body, decompressed.
 *
 * @throws GatewayError `request_too_large`, `unsupported_media_type`, `invalid_request`, or the cancellation's
 */
export function collectBody(request: HttpRequest, options: CollectOptions): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return collectPlain(request, options);
  const transform = decompressionStream(encoding);
  if (transform !== undefined) return collectInflated(request, transform, options);
  throw new GatewayError('unsupported_media_type', {
    message: 'The content encodings taken here are gzip, deflate, br and zstd, one at a time.',
  });
}

function collectPlain(request: HttpRequest, options: CollectOptions): Promise<Buffer> {
  const declared = Number(request.headers['content-length']);
  if (declared > options.limit) return Promise.reject(tooLarge(options.limit));
  return collect(request, options, {
    exceeds: (size) => (size > options.limit ? tooLarge(options.limit) : undefined),
    // Nothing more is read: the answer closes the connection.
    stop: () => request.pause(),
  });
}

function collectInflated(request: HttpRequest, transform: Transform, options: CollectOptions): Promise<Buffer> {
  let sent = 0;
  request.on('data', (chunk: Buffer) => {
    sent += chunk.length;
  });
  return collect(request.pipe(transform), options, {
    exceeds(size) {
      if (size > options.limit) return tooLarge(options.limit);
      return size > harmlessBytes && size > sent * plausibleGrowth ? inflatesTooFar() : undefined;
    },
    damaged: () => new GatewayError('invalid_request', { message: 'The request body cannot be decompressed.' }),
    stop() {
      request.unpipe(transform);
      request.pause();
      transform.destroy();
    },
  });
}

interface Collecting {
  /** The error that a body of this many bytes is. */
  exceeds(size: number): GatewayError | undefined;
  /** The error that a failure of the source itself is; absent where it can only fail with its connection, of which the cancellation tells. */
  readonly damaged?: () => GatewayError;
  stop(): void;
}

function collect(source: Readable, { cancellation }: CollectOptions, collecting: Collecting): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const forget = cancellation.onCancel((reason) => reject(cancellationError(reason)));
    const give = (error: GatewayError): void => {
      forget();
      collecting.stop();
      reject(error);
    };
    source.on('data', (chunk: Buffer) => {
      size += chunk.length;
      const excess = collecting.exceeds(size);
      if (excess === undefined) chunks.push(chunk);
      else give(excess);
    });
    source.once('end', () => {
      forget();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    const { damaged } = collecting;
    if (damaged !== undefined) source.once('error', () => give(damaged()));
  });
}

function inflatesTooFar(): GatewayError {
  return new GatewayError('request_too_large', {
    message: 'The request body inflates to a size that no request has.',
    headers: { connection: 'close' },
  });
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('request_too_large', {
    message: `The request body is larger than ${limit} bytes.`,
    headers: { connection: 'close' },
  });
}
