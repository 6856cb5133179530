import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { GatewayConfig } from '../../src/index.ts';
import type { FakeProvider } from '../../src/testing/index.ts';
import { wallProviders } from '../support/test-app.ts';

export interface GatewayProcess {
  readonly url: string;
  /** What it wrote to standard error: its own troubles, and lines about the ledger. */
  readonly complaints: string[];
  signal(name: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** A gateway whose model costs 1000 nano-USD for each prompt token and 2000 for each generated one. */
export function ledgerConfig(wall: FakeProvider, url: string): GatewayConfig {
  return {
    providers: wallProviders(wall, { prices: { 'demo-small': { input: 1, output: 2 } } }),
    failover: { retries: 0 },
    storage: { url },
  };
}

export async function startGatewayProcess(config: GatewayConfig): Promise<GatewayProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'test/usage/programs/ledger-gateway.ts', JSON.stringify(config)],
    // The channel ends with this process, and the gateway with it.
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  const complaints: string[] = [];
  child.stderr?.on('data', (bytes: Buffer) => complaints.push(bytes.toString()));
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())));
    child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${complaints.join('')}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    complaints,
    async signal(name) {
      const ended = once(child, 'exit');
      child.kill(name);
      const [code] = await ended;
      return typeof code === 'number' ? code : null;
    },
  };
}

/** What a client saw of one request. */
export interface SeenRequest {
  readonly id: string | null;
  /** The answer came whole. */
  readonly complete: boolean;
}

/** Asks once, streaming or not, and reads to the end. */
export async function askOnce(url: string, stream: boolean): Promise<SeenRequest> {
  let id: string | null = null;
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'openai/demo-small',
        stream,
        messages: [{ role: 'user', content: 'write 20 words' }],
      }),
    });
    id = response.headers.get('x-request-id');
    const text = await response.text();
    return { id, complete: response.status === 200 && (!stream || text.includes('[DONE]')) };
  } catch {
    return { id, complete: false };
  }
}
