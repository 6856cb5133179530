import express from 'express';
import {
  createGateway,
  type Gateway,
  type GatewayConfig,
  type GatewayContext,
  type GatewayEventListener,
  type ProviderOptions,
} from '../../../src/index.ts';
import type { LogEntry } from '../../../src/telemetry/index.ts';
import type { FakeProvider } from '../../../src/testing/index.ts';
import { type ListeningServer, listen, wallProviders } from '../../support/test-app.ts';

export interface GatewayServer extends ListeningServer {
  readonly gateway: Gateway;
  readonly lines: LogEntry[];
}

export interface GatewayServerOptions {
  /** Without it, everything comes from the environment. */
  readonly config?: GatewayConfig;
  /** Never the environment of the test process. */
  readonly environment?: GatewayContext['environment'];
  /** @default '/' */
  readonly path?: string;
  readonly onEvent?: GatewayEventListener;
}

/** An Express app whose only guest is a gateway, on a real socket. */
export async function startGateway(options: GatewayServerOptions = {}): Promise<GatewayServer> {
  const { config, environment = {}, path = '/', onEvent } = options;
  const lines: LogEntry[] = [];
  const gateway = createGateway(config, {
    environment,
    logger: { log: (line) => lines.push(line) },
    ...(onEvent !== undefined && { onEvent }),
  });
  const app = express();
  app.disable('x-powered-by');
  app.use(path, gateway);
  app.use((_request, response) => void response.status(404).json({ from: 'the app' }));
  const listening = await listen(app);
  return {
    ...listening,
    gateway,
    lines,
    async close() {
      await listening.close();
      await gateway.close(0);
    },
  };
}

/** A configuration with the three providers that the wall plays. */
export function wallConfig(wall: FakeProvider, options: Partial<ProviderOptions> = {}): GatewayConfig {
  return { providers: wallProviders(wall, options), failover: { retries: 0 } };
}

export const teamKey = 'sk-team-key-0123456789';
export const question = { messages: [{ role: 'user', content: 'Say hello.' }] };

/** The JSON answer to a GET, and its status. */
export async function get(url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** What a configuration is refused with. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'ConfigurationError') {
      return 'message' in thrown ? String(thrown.message) : '';
    }
    throw thrown;
  }
  throw new Error('It was taken.');
}
