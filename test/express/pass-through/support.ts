import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express5 from 'express';
import { createAuth } from '../../../src/auth/index.ts';
import {
  createPassThrough,
  type PassThroughCapability,
} from '../../../src/express/pass-through/create-pass-through.ts';
import { upgradeHandler } from '../../../src/express/pass-through/upgrade-handler.ts';
import { mountPassThrough } from '../../../src/express/pass-through.ts';
import type { PassThroughOptions } from '../../../src/pass-through/index.ts';
import { countingRuntime, createWitness, listen, until, type Witness } from '../../support/test-app.ts';

export const callerKey = 'caller-key-canary-0123456789';
export const limitedKey = 'limited-key-canary-0123456789';
export const providerKey = 'provider-key-canary-0123456789';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

export interface Upstream {
  readonly url: string;
  readonly received: Received[];
  readonly sockets: Set<Socket>;
  close(): Promise<void>;
}

/** A provider that does what the test says. */
export async function startUpstream(
  serve: (request: IncomingMessage, response: ServerResponse) => void = (request, response) => {
    request.resume();
    request.once('end', () => response.setHeader('content-type', 'application/json').end('{"ok":true}'));
  },
): Promise<Upstream> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request;
    received.push({ method, url, headers, rawHeaders });
    request.on('error', () => {});
    serve(request, response);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export interface PassThroughApp {
  readonly url: string;
  readonly port: number;
  readonly witness: Witness;
  readonly capability: PassThroughCapability;
  /** Every call settled once, every attempt complete, no timer left. */
  checkInvariants(): Promise<void>;
  close(): Promise<void>;
}

/** An app with a witness, auth and pass-through below `/v1`, and WebSockets. */
export async function startPassThroughApp(options: PassThroughOptions): Promise<PassThroughApp> {
  const witness = createWitness();
  const runtime = countingRuntime();
  const capability = createPassThrough(options, { runtime, environment: {} });
  const auth = createAuth(
    {
      keys: [
        { key: callerKey, id: 'ana' },
        { key: limitedKey, id: 'bob', models: ['gpt-4o', 'gpt-realtime*', 'pass-through:batches'] },
      ],
    },
    {},
  );
  const app = express5();
  app.disable('x-powered-by');
  app.use('/v1', mountPassThrough(capability, [witness.capability, auth], { runtime }));
  app.use('/v1', (_request, response) => void response.status(418).end('app'));
  const listening = await listen(app);
  listening.server.on('upgrade', upgradeHandler(app));
  return {
    ...listening,
    port: Number(new URL(listening.url).port),
    witness,
    capability,
    async checkInvariants() {
      await until(() => witness.settlements.length === new Set(witness.calls).size && runtime.pendingTimers() === 0);
      if (witness.settled.length !== witness.started.length) throw new Error('An attempt is open.');
      if (new Set(witness.settled).size !== witness.settled.length) throw new Error('An attempt was settled twice.');
    },
    async close() {
      await listening.close();
      capability.close();
    },
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RawRequest {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/** A request whose path no client library has cleaned up. */
export function send({ port, path, method = 'GET', headers = {}, body }: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        agent: false,
        headers: { authorization: `Bearer ${callerKey}`, ...(headers as Record<string, string>) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0 } = response;
          resolve({ status: statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
