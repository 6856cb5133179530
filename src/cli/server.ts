import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Capability } from '../core/capability.ts';
import { ConfigurationError, GatewayError } from '../core/errors.ts';
import { hardenServer } from '../express/harden-server.ts';
import { mount } from '../express/mount.ts';
import { acceptWebSockets } from '../express/pass-through.ts';
import { loadConfig } from '../gateway/config/load-config.ts';
import type { GatewayConfig } from '../gateway/config/schema.ts';
import { createGateway } from '../gateway/create-gateway.ts';
import { resolveProviders } from '../providers/resolve-providers.ts';
import { type Demo, startDemo } from './demo.ts';

export interface ServerOptions {
  /** Path of a configuration file. */
  readonly config: string | undefined;
  readonly port: number;
  readonly host: string;
}

export interface RunningServer {
  readonly url: string;
  /** What the person who started it wants to know first. */
  readonly greeting: string;
  /** Ends the calls under way within a grace period, then everything else. */
  close(): Promise<void>;
}

/** A gateway with a server of its own, for those who have no app to mount it in. */
export async function startServer({ config, port, host }: ServerOptions): Promise<RunningServer> {
  const path = config ?? process.env.GATEWAY_CONFIG;
  const written = path === undefined || path === '' ? undefined : loadConfig(path);
  const demo = written === undefined && !hasProvider() ? await startDemo() : undefined;
  const gateway = createGateway(written ?? demo?.config ?? {});
  const app = express();
  app.disable('x-powered-by');
  app.use(gateway);
  app.use(mount(notFound));
  const server = hardenServer(createServer(app));
  acceptWebSockets(server, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigurationError(`cannot listen on ${host}:${port} (${error.code ?? error.message})`)),
    );
    server.listen(port, host, resolve);
  });
  const url = urlOf(server.address());
  return {
    url,
    greeting: greeting(url, written ?? demo?.config, demo),
    async close() {
      // It listens on: whoever asks meanwhile is told that it shuts down.
      await gateway.close();
      server.close();
      server.closeAllConnections();
      await demo?.close();
    },
  };
}

const notFound: Capability = {
  name: 'notFound',
  answer: () => Promise.reject(new GatewayError('not_found')),
};

/** Whether the environment names any provider. */
function hasProvider(): boolean {
  return resolveProviders(undefined, process.env).size > 0;
}

function urlOf(address: AddressInfo | string | null): string {
  if (typeof address === 'string' || address === null) return String(address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

function greeting(url: string, config: GatewayConfig | undefined, demo: Demo | undefined): string {
  const model = demo?.model ?? Object.keys(config?.models ?? {})[0] ?? 'gpt-4o-mini';
  const about = demo === undefined ? '' : `${demo.about}\n\n`;
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello!' }] });
  return `The gateway listens on ${url}\n\n${about}Try it:\n\n  curl -N ${url}/v1/chat/completions -d '${body}'\n\n`;
}
