import express5, { type RequestHandler } from 'express';
import { GatewayError } from '../../../src/core/errors.ts';
import { errorReply } from '../../../src/core/reply.ts';
import { mount } from '../../../src/express/mount.ts';
import { createFailover, type FailoverOptions } from '../../../src/failover/index.ts';
import type { FakeProvider } from '../../../src/testing/index.ts';
import {
  countingRuntime,
  createWitness,
  type ListeningServer,
  listen,
  type Witness,
  wallProviders,
} from '../../support/test-app.ts';

export interface ExpressApp extends ListeningServer {
  readonly witness: Witness;
  readonly runtime: ReturnType<typeof countingRuntime>;
}

export interface ExpressAppOptions extends FailoverOptions {
  /** Which Express. @default 5 */
  readonly create?: typeof express5;
  /** In front of everything of ours. */
  readonly before?: readonly RequestHandler[];
  readonly bodyLimit?: number;
}

/** A witness and failover over a fake provider, on either Express, with whatever stands in front of them. */
export async function startExpressApp(wall: FakeProvider, given: ExpressAppOptions = {}): Promise<ExpressApp> {
  const { create = express5, before = [], bodyLimit, ...options } = given;
  const witness = createWitness();
  const runtime = countingRuntime();
  const failover = createFailover({ providers: wallProviders(wall), ...options }, { runtime, environment: {} });
  const settings = { runtime, ...(bodyLimit !== undefined && { bodyLimit }) };
  const app = create();
  app.disable('x-powered-by');
  for (const handler of before) app.use(handler);
  app.use(mount(witness.capability, settings));
  app.use('/v1/chat/completions', mount(failover, settings));
  app.use((_request, response) => {
    const { status, headers, body } = errorReply(new GatewayError('not_found'), 'openai-chat');
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
  const listening = await listen(app);
  return {
    ...listening,
    witness,
    runtime,
    async close() {
      await listening.close();
      await failover.close();
    },
  };
}
