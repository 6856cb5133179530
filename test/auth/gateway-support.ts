import type { GatewayConfig } from '../../src/index.ts';
import { type GatewayServer, startGateway } from '../gateway/support/gateway-app.ts';

export const adminKey = 'admin-key-0123456789abcdef';
export const keySecret = 'a secret of at least thirty-two characters';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a server sent, read by tests alone
  readonly body: any;
}

export interface AdminServer extends GatewayServer {
  /** Asks an admin route, as the admin unless told otherwise. */
  admin(method: string, path: string, body?: unknown, key?: string): Promise<Answer>;
  /** The status of a chat call with this key. */
  chat(key: string, model?: string): Promise<number>;
}

export async function startAdminGateway(config: GatewayConfig): Promise<AdminServer> {
  const server = await startGateway({ config, path: '/v1' });
  return {
    ...server,
    admin: (method, path, body, key = adminKey) => ask(`${server.url}/v1${path}`, { method, body, key }),
    async chat(key, model = 'openai/demo-small') {
      const body = { model, messages: [{ role: 'user', content: 'say: hello' }] };
      return (await ask(`${server.url}/v1/chat/completions`, { method: 'POST', body, key })).status;
    },
  };
}

async function ask(
  url: string,
  { method, body, key }: { readonly method: string; readonly body: unknown; readonly key: string },
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...(key !== '' && { authorization: `Bearer ${key}` }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
