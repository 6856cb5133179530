import type { Server } from 'node:http';
import { z } from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { answerClientError, answerExpectation } from './answer-client-error.ts';

/** Time limits in milliseconds against clients that hold connections without using them. */
export interface HardenServerOptions {
  /**
   * Until the request's headers are complete.
   * @default 10_000
   */
  readonly headersTimeout?: number;
  /**
   * Until the request's body is complete. Does not bound the answer.
   * @default 60_000
   */
  readonly requestTimeout?: number;
  /**
   * How long an idle connection stays open. Above the idle timeout of a load balancer in front.
   * @default 65_000
   */
  readonly keepAliveTimeout?: number;
  /**
   * Header lines beyond this are dropped unread, as Node does it.
   * @default 100
   */
  readonly maxHeadersCount?: number;
}

const milliseconds = (standard: number) =>
  z.int('must be a whole number of milliseconds').min(1, 'must be 1 or more').default(standard);

const schema = z.strictObject({
  headersTimeout: milliseconds(10_000),
  requestTimeout: milliseconds(60_000),
  keepAliveTimeout: milliseconds(65_000),
  maxHeadersCount: z.int('must be a whole number').min(1, 'must be 1 or more').default(100),
});

/**
 * Sets limits that suit a gateway on the app's own server, before it listens: Node's defaults let a client take a
 * minute over its headers and look for such clients only every half minute. What Node's parser refuses is answered
 * with an error body, unless the app listens to `clientError` itself.
 *
 * https://nodejs.org/api/http.html#serverheaderstimeout
 *
 * @throws ConfigurationError when the server already listens, or naming the option and the fix
 */
export function hardenServer<HttpServer extends Server>(
  server: HttpServer,
  options: HardenServerOptions = {},
): HttpServer {
  if (server.listening) {
    throw new ConfigurationError('hardenServer(): call it before `server.listen()`; later it has no effect');
  }
  Object.assign(server, parseOptions(schema, options, 'hardenServer()'));
  // Read when the server begins to listen; how often slow clients are looked for.
  Object.assign(server, { connectionsCheckingInterval: 1_000 });
  if (server.listenerCount('clientError') === 0) server.on('clientError', answerClientError);
  if (server.listenerCount('checkExpectation') === 0) server.on('checkExpectation', answerExpectation);
  return server;
}
