// Two gateways on one app under a mixed load of official clients, plain requests, faults, refusals and callers that
// leave; one of them is closed in the middle of it. Prints what the process complained of and what is still open in the
// end. It must then end by itself: nothing may keep it alive.
import { Agent, createServer, request as send } from 'node:http';
import express from 'express';
import OpenAI from 'openai';
import { createGateway, type GatewayConfig, hardenServer } from '../../../src/index.ts';
import { startFakeProvider } from '../../../src/testing/index.ts';

const complaints: string[] = [];
process.on('unhandledRejection', (reason) => complaints.push(`unhandledRejection: ${reason}`));
process.on('uncaughtException', (error) => complaints.push(`uncaughtException: ${error.stack}`));
process.on('warning', (warning) => complaints.push(`${warning.name}: ${warning.message}`));

const key = 'sk-team-key-0123456789';
const wall = await startFakeProvider();
const timeouts = { firstToken: '300ms', idle: '200ms' } as const;
const apiKeys = ['provider-key-one-0123', 'provider-key-two-0123'];
const config: GatewayConfig = {
  providers: {
    openai: { apiKeys, baseUrl: wall.baseUrl('openai-chat'), timeouts },
    anthropic: { apiKeys, baseUrl: wall.baseUrl('anthropic-messages'), timeouts },
    gemini: { apiKeys, baseUrl: wall.baseUrl('gemini'), timeouts },
  },
  models: { chain: { targets: ['openai/e503', 'anthropic/error_first', 'gemini/demo-small'] } },
  failover: { retries: 1, deadline: '1s' },
  keys: [{ key }],
};
const lines = { first: 0, second: 0 };
const count = (name: keyof typeof lines) => ({
  log: () => {
    lines[name] += 1;
  },
});
const first = createGateway(config, { environment: {}, logger: count('first') });
const second = createGateway(config, { environment: {}, logger: count('second') });
const app = express();
app.use('/first', first);
app.use('/second', second);
const server = hardenServer(createServer(app));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;

const faults = 'demo-small e400 e422 e429 e500 cut(2) clean_eof(2) stall(2) rst_before_headers html200 nohdr gz'.split(
  ' ',
);
const providers = ['openai', 'anthropic', 'gemini'];
const messages = [{ role: 'user' as const, content: 'write 30 words' }];
const modelOf = (number: number): string =>
  number % 9 === 0 ? 'chain' : `${providers[number % 3]}/${faults[number % faults.length]}`;

const outcomes = { answered: 0, failed: 0 };
async function note(work: Promise<unknown>): Promise<void> {
  const settled = await work.then(
    () => 'answered' as const,
    () => 'failed' as const,
  );
  outcomes[settled] += 1;
}

/** The official client: whole, streamed, with helpers, left in the middle. */
async function useClient(number: number): Promise<void> {
  const baseURL = `${origin}/${number % 4 === 0 ? 'second' : 'first'}/v1`;
  const client = new OpenAI({ baseURL, apiKey: number % 13 === 0 ? 'sk-wrong-key-0123456789' : key, maxRetries: 0 });
  const body = { model: modelOf(number), messages };
  const options = number % 7 === 0 ? { signal: AbortSignal.timeout(number % 40) } : {};
  if (number % 3 === 0) await client.chat.completions.create(body, options);
  else if (number % 3 === 1) await client.chat.completions.stream(body, options).finalChatCompletion();
  else for await (const _chunk of await client.chat.completions.create({ ...body, stream: true }, options));
}

/** Many requests one after another on one connection: whatever is hung on a socket and forgotten piles up there. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
function useConnection(number: number): Promise<void> {
  const body = number % 5 === 0 ? '{"model":' : JSON.stringify({ model: 'openai/demo-small', messages });
  const [method, path] = number % 10 === 3 ? ['GET', '/second/v1/models'] : ['POST', '/second/v1/chat/completions'];
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-length': method === 'GET' ? 0 : Buffer.byteLength(body),
    };
    const sent = send(origin + path, { method, agent, headers }, (response) => {
      response.resume().once('end', resolve).once('error', reject);
    });
    sent.once('error', reject).end(method === 'GET' ? undefined : body);
  });
}

const load = Array.from({ length: 300 }, (_, number) => note(useClient(number)));
for (let number = 0; number < 60; number += 1) await note(useConnection(number));
const closing = first.close(300);
await Promise.all([...load, ...Array.from({ length: 30 }, (_, number) => note(useClient(number)))]);
await closing;
await Promise.all([first.close(), second.close()]);
agent.destroy();
server.close();
server.closeAllConnections();
await wall.whenIdle();
// The provider hears of closed connections a moment later.
for (let wait = 0; wait < 50 && wall.stats().openSockets > 0; wait += 1) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const { openSockets } = wall.stats();
await wall.close();
process.stdout.write(JSON.stringify({ complaints, outcomes, lines, openSockets }));
