import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from '../process/answer-questions.ts';

/** Portkey's own server, unchanged, as its package starts it. It takes a port and does not say when it listens. */
const startAttempts = 200;

// Until `answerQuestions` takes over: a bench that is stopped now takes this process with it.
process.once('disconnect', () => process.exit(0));

const port = await freePort();
process.argv.push('--headless', `--port=${port}`);
await import(new URL('../node_modules/@portkey-ai/gateway/build/start-server.js', import.meta.url).href);
await untilListening();
answerQuestions(port, {});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No free port.'));
        else resolve(address.port);
      });
    });
  });
}

async function untilListening(): Promise<void> {
  for (let attempt = 0; attempt < startAttempts; attempt += 1) {
    if (await accepts()) return;
    await sleep(50);
  }
  throw new Error('Portkey does not listen.');
}

function accepts(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
