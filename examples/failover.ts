// Failover to watch, without a key: three fake providers, each failing in its own way, behind one model name.
//
//   npm run example -- failover
import { createServer } from 'node:http';
import { failover, hardenServer } from 'ai-gateway-middleware';
import { startFakeProvider } from 'ai-gateway-middleware/testing';
import express from 'express';

const [overloaded, hanging, cutting] = await Promise.all([
  startFakeProvider(),
  startFakeProvider(),
  startFakeProvider(),
]);
const apiKey = 'any-key-will-do-here';
const app = express();
app.post(
  '/v1/chat/completions',
  failover({
    providers: {
      openai: { apiKey, baseUrl: overloaded.baseUrl('openai-chat') },
      anthropic: { apiKey, baseUrl: hanging.baseUrl('anthropic-messages'), timeouts: { firstToken: '500ms' } },
      gemini: { apiKey, baseUrl: cutting.baseUrl('gemini') },
    },
    models: {
      invisible: { targets: ['openai/e529', 'anthropic/nohdr', 'gemini/demo-small'] },
      visible: { targets: ['gemini/cut(4)', 'openai/demo-small'] },
    },
    retries: 0,
    onEvent: (event) => console.log('  event:', JSON.stringify(event)),
  }),
);

const server = hardenServer(createServer(app)).listen(0, '127.0.0.1', async () => {
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/chat/completions`;
  for (const model of ['invisible', 'visible']) {
    console.log(`\n${model}:`);
    const response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Tell me a story.' }] }),
    });
    console.log(
      `  ${response.status} from ${response.headers.get('x-provider')}, attempt ${response.headers.get('x-gateway-attempts')}`,
    );
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) process.stdout.write(`  ${decoder.decode(chunk).trim()}\n`);
      console.log('  ended complete');
    } catch (error) {
      console.log(`  ended broken, as it should: ${error instanceof Error ? error.message : error}`);
    }
  }
  server.closeAllConnections();
  server.close();
  await Promise.all([overloaded.close(), hanging.close(), cutting.close()]);
  process.exit(0);
});
