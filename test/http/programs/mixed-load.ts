// A gateway under a mixed load of answers, streams, faults and callers that leave, in a process of its own. Prints what
// the process complained of: rejections nobody handled, exceptions nobody caught, warnings.
import express from 'express';
import { mount } from '../../../src/express/mount.ts';
import { createFailover } from '../../../src/failover/index.ts';
import { createTelemetry } from '../../../src/telemetry/index.ts';
import { startFakeProvider } from '../../../src/testing/index.ts';

const complaints: string[] = [];
process.on('unhandledRejection', (reason) => complaints.push(`unhandledRejection: ${reason}`));
process.on('uncaughtException', (error) => complaints.push(`uncaughtException: ${error}`));
process.on('warning', (warning) => complaints.push(`warning: ${warning.name}: ${warning.message}`));

const wall = await startFakeProvider();
const apiKey = 'any-key-will-do-here';
const failover = createFailover(
  {
    providers: {
      openai: { apiKey, baseUrl: wall.baseUrl('openai-chat'), timeouts: { idle: '200ms', firstToken: '400ms' } },
      anthropic: { apiKey, baseUrl: wall.baseUrl('anthropic-messages'), timeouts: { idle: '200ms' } },
      gemini: { apiKey, baseUrl: wall.baseUrl('gemini'), timeouts: { idle: '200ms' } },
    },
    retries: 1,
    deadline: '500ms',
  },
  { environment: {} },
);
let settled = 0;
const countLine = (): void => {
  settled += 1;
};
const app = express();
app.use(mount(createTelemetry({ logger: { log: countLine } })));
app.post('/v1/chat/completions', mount(failover));
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1/chat/completions`;

const models = [
  'demo-small',
  'e429',
  'e500',
  'cut(2)',
  'stall(2)',
  'rst_before_headers',
  'html200',
  'json_cut',
  'gz',
  'nohdr',
];
const providers = ['openai', 'anthropic', 'gemini'];
let sent = 0;

async function one(number: number): Promise<void> {
  const model = `${providers[number % 3]}/${models[number % models.length]}`;
  const body = JSON.stringify({ model, stream: number % 2 === 0, messages: [{ role: 'user', content: 'Hello' }] });
  const leaves = number % 7 === 0;
  sent += 1;
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: number % 11 === 0 ? body.slice(0, 30) : body,
      ...(leaves && { signal: AbortSignal.timeout(5 + (number % 20)) }),
    });
    await response.text();
  } catch {
    // Broken streams and callers that left.
  }
}

for (let round = 0; round < 15; round += 1) {
  await Promise.all(Array.from({ length: 40 }, (_, index) => one(round * 40 + index)));
}
for (let wait = 0; wait < 100 && settled < sent; wait += 1) await new Promise((resolve) => setTimeout(resolve, 30));
server.closeAllConnections();
server.close();
await failover.close();
await wall.close();
process.stdout.write(JSON.stringify({ sent, settled, complaints }));
