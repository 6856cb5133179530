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
    prices: { 'demo-large': { input: 10, output: 1_000 }, 'demo-small': { input: 0, output: 0 } },
  },
};
const key = 'sk-a-key-for-ana-0123456789';

const log = telemetry({ logLevel: 'warn', logger: { log: (line) => console.log('  log:', JSON.stringify(line)) } });
const guard = costGuard({
  list: [{ per: 'user', limit: 0.1, period: 'day', timezone: 'Europe/Amsterdam' }],
  alerts: [50, 80, 100],
  providers,
  onEvent: log.onEvent,
});

const app = express();
app.use(log, auth({ keys: [{ key, user: 'ana' }] }), guard);
app.post('/v1/chat/completions', failover({ providers, onEvent: log.onEvent }));

const server = hardenServer(createServer(app)).listen(0, '127.0.0.1', async () => {
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/chat/completions`;
  for (const model of ['demo-large', 'demo-large', 'demo-large', 'demo-small']) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: `openai/${model}`,
        messages: [{ role: 'user', content: 'Please write 60 words.' }],
      }),
    });
    const body = await response.json();
    console.log(`${model}: ${response.status}, cost ${response.headers.get('x-gateway-cost-usd') ?? 'nothing'}`);
    console.log(
      `  ${response.ok ? `${body.usage.completion_tokens} tokens, ended by ${body.choices[0].finish_reason}` : body.error.message}`,
    );
  }
  server.closeAllConnections();
  server.close();
  await guard.close();
  await wall.close();
  process.exit(0);
});
