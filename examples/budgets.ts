// Budgets to watch, without a key: a fake provider with prices, a user with ten cents a day, and what happens at the end.
//
//   npm run example -- budgets
import { createServer } from 'node:http';
import { auth, costGuard, failover, hardenServer, telemetry } from 'ai-gateway-middleware';
import { startFakeProvider } from 'ai-gateway-middleware/testing';
import express from 'express';

const wall = await startFakeProvider();
const providers = {
  openai: {
    apiKey: 'any-key-will-do-here',
    baseUrl: wall.baseUrl('openai-chat'),
    // US dollars per million tokens. Real models have their public prices.
    prices: { 'demo-large': { input: 10, output: 500 }, 'demo-small': { input: 0, output: 0 } },
  },
};
const key = 'sk-a-key-for-ana-0123456789';

const log = telemetry({ logLevel: 'warn', logger: { log: (line) => console.log('  log:', JSON.stringify(line)) } });
const guard = costGuard({
  list: [{ per: 'user', limit: 0.1, period: 'day', timezone: 'Europe/Amsterdam' }],
  leastOutputTokens: 10,
  providers,
  onEvent: log.onEvent,
});

const app = express();
app.use(log, auth({ keys: [{ key, user: 'ana' }] }), guard);
app.post('/v1/chat/completions', failover({ providers, onEvent: log.onEvent }));

interface Answer {
  readonly usage?: { readonly completion_tokens: number };
  readonly choices?: readonly { readonly finish_reason: string }[];
  readonly error?: { readonly message: string };
}

const server = hardenServer(createServer(app)).listen(0, '127.0.0.1', async () => {
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/chat/completions`;
  for (const model of [...Array(5).fill('demo-large'), 'demo-small']) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: `openai/${model}`,
        messages: [{ role: 'user', content: 'Please write 60 words.' }],
      }),
    });
    const { usage, choices, error }: Answer = JSON.parse(await response.text());
    console.log(`${model}: ${response.status}, cost ${response.headers.get('x-gateway-cost-usd') ?? 'nothing'}`);
    console.log(`  ${error?.message ?? `${usage?.completion_tokens} tokens, ended by ${choices?.[0]?.finish_reason}`}`);
  }
  server.closeAllConnections();
  server.close();
  await guard.close();
  await wall.close();
  process.exit(0);
});
