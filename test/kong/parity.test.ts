import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auth } from '../../src/express/auth.ts';
import { aigwAuth } from '../../src/kong/index.ts';
import { start } from './support.ts';

const ana = 'sk-gateway-ana-0123456789';
const bob = 'sk-gateway-bob-0123456789';
const keys = [{ key: ana, id: 'ana', user: 'ana' }, { key: bob }];

const paths = [
  '/v1/chat/completions',
  '/v1/messages',
  '/v1beta/models/gemini-2.5-flash:generateContent',
  '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
  '/v1/files',
];
const credentials: readonly (readonly [string, readonly string[], string?])[] = [
  ['none', []],
  ['a bearer', ['Authorization', `Bearer ${ana}`]],
  ['a bearer in small letters', ['authorization', `bearer ${bob}`]],
  ['a bearer without a token', ['Authorization', 'Bearer ']],
  ['Basic', ['Authorization', 'Basic YW5hOnNlY3JldA==']],
  ['x-api-key', ['x-api-key', ana]],
  ['api-key', ['api-key', bob]],
  ['x-goog-api-key', ['X-Goog-Api-Key', ana]],
  ['an empty x-api-key', ['x-api-key', '']],
  ['a wrong key', ['x-api-key', 'sk-gateway-eve-0123456789']],
  ['an injection', ['Authorization', "Bearer ' OR 1=1--"]],
  ['a very long key', ['x-api-key', 'k'.repeat(2_000)]],
  ['two different keys', ['Authorization', `Bearer ${ana}`, 'x-api-key', bob]],
  ['two equal keys', ['Authorization', `Bearer ${ana}`, 'x-api-key', ana]],
  ['a key in the query', [], `key=${ana}`],
  ['a key in the query and another in a header', ['x-api-key', bob], `key=${ana}`],
];
const list = paths.flatMap((path) =>
  credentials.map(([name, headers, query]) => {
    const url = query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
    return { name: `${path} with ${name}`, path: url, headers: ['X-Request-Id', 'parity-1', ...headers] };
  }),
);
/** What a client can tell two answers apart by; the rest is the host's. */
const comparedHeaders = [
  'content-type',
  'cache-control',
  'www-authenticate',
  'x-request-id',
  'retry-after',
  'x-should-retry',
];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

let server: Server;
beforeAll(async () => {
  const middleware = auth({ keys });
  server = createServer((incoming, response) => {
    middleware(incoming, response, () => response.end('passed'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function overHttp(path: string, headers: readonly string[]): Promise<Answer | 'passed'> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ port, host: '127.0.0.1', method: 'POST', path, headers: ['Host', 'x', ...headers] });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve(
          body === 'passed'
            ? body
            : { status: response.statusCode ?? 0, headers: pick(response.headers), body: JSON.parse(body) },
        ),
      );
    });
    outgoing.end();
  });
}

function pick(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    comparedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
}

describe('KG-08 Kong and Express', () => {
  it(`answer ${list.length} requests alike`, async () => {
    const { kong } = await start({ plugins: [aigwAuth] });
    const outcomes: (Answer | 'passed')[] = [];
    for (const { name, path, headers } of list) {
      const express = await overHttp(path, headers);
      const outcome = await kong.handle({ plugin: 'aigw-auth', config: { keys }, path, headers });
      const other =
        outcome.kind === 'proxied' && outcome.errors.length === 0
          ? 'passed'
          : { status: outcome.status, headers: pick(outcome.headers), body: JSON.parse(outcome.body) };
      expect({ name, answer: other }).toEqual({ name, answer: express });
      outcomes.push(express);
    }
    expect(list.length).toBeGreaterThanOrEqual(60);
    const statuses = new Set(outcomes.map((outcome) => (outcome === 'passed' ? 200 : outcome.status)));
    expect([...statuses].sort()).toEqual([200, 400, 401]);
  });
});
