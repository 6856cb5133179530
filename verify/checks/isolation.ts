import { createServer } from 'node:http';
import express from 'express';
import type { GatewayConfig } from '../../src/gateway/config/schema.ts';
import { createGateway } from '../../src/gateway/create-gateway.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { closedLoop } from '../harness/load.ts';
import { atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { question } from '../harness/providers.ts';
import { fastRuntime } from '../harness/runtimes.ts';

const goodKey = 'provider-key-good';
const badKey = 'provider-key-bad';
const names = ['first', 'second'] as const;
type Name = (typeof names)[number];

/** Two gateways of one app, on the same provider and with names in common: nothing that happens to one shows in the other. */
export async function isolation(): Promise<readonly Measure[]> {
  const wall = await startFakeProvider({ apiKey: goodKey });
  const pair = await startPair(wall);
  const measures = [
    ...(await health(pair, wall)),
    ...(await budget(pair, wall)),
    ...(await keys(pair, wall)),
    ...(await closing(pair)),
  ];
  await pair.close();
  await wall.close();
  return named('two gateways in one process', measures);
}

/** One has ejected a target; the other thinks well of the same one. */
async function health({ ask, healthOf }: Pair, wall: FakeProvider): Promise<readonly Measure[]> {
  await ask('second', 'a/demo-small');
  wall.breakWith('e500');
  for (let call = 0; call < 8; call += 1) await ask('first', 'a/demo-small');
  wall.heal();
  const served = await ask('second', 'a/demo-small');
  return [
    exactly({ name: 'health of the first, whose only target is ejected', value: await healthOf('first'), bound: 503 }),
    exactly({ name: 'health of the second, with the same target', value: await healthOf('second'), bound: 200 }),
    exactly({ name: 'status of a call to the second', value: served, bound: 200 }),
  ];
}

/** One has spent its retry budget in an outage; the other still has all of its own. */
async function budget({ ask }: Pair, wall: FakeProvider): Promise<readonly Measure[]> {
  wall.breakWith('e429');
  await closedLoop({ requests: 60, concurrency: 1 }, async (index) => void (await ask('first', `b/spend-${index}`)));
  const retriesOf = async (name: Name): Promise<number> => {
    const before = wall.calls.length;
    await ask(name, 'b/budget');
    return wall.calls.length - before - 1;
  };
  const first = await retriesOf('first');
  const second = await retriesOf('second');
  wall.heal();
  return [
    atMost({ name: 'retries of the first, its budget spent', value: first, bound: 1 }),
    exactly({ name: 'retries of the second, its budget untouched', value: second, bound: 2 }),
  ];
}

/** One has learnt that a key is refused; the other has to find out by itself. */
async function keys({ ask }: Pair, wall: FakeProvider): Promise<readonly Measure[]> {
  const refusedOf = async (name: Name): Promise<number> => {
    const before = wall.calls.length;
    for (let call = 0; call < 4; call += 1) await ask(name, 'c/demo-small');
    return wall.calls.slice(before).filter(({ status }) => status === 401).length;
  };
  const first = await refusedOf('first');
  const again = await refusedOf('first');
  const second = await refusedOf('second');
  return [
    exactly({ name: 'calls of the first that a key was refused in', value: first, bound: 1 }),
    exactly({ name: 'further ones', value: again, bound: 0 }),
    exactly({ name: 'calls of the second that a key was refused in', value: second, bound: 1 }),
  ];
}

/** One is closed; the other serves. */
async function closing({ ask, closeFirst }: Pair): Promise<readonly Measure[]> {
  await closeFirst();
  return [
    exactly({ name: 'status of the first after its end', value: await ask('first', 'd/demo-small'), bound: 503 }),
    exactly({ name: 'status of the second', value: await ask('second', 'd/demo-small'), bound: 200 }),
  ];
}

interface Pair {
  /** Status of an answer. */
  ask(name: Name, model: string): Promise<number>;
  /** Status of its health endpoint: 503 when all of its targets are down. */
  healthOf(name: Name): Promise<number>;
  closeFirst(): Promise<void>;
  close(): Promise<void>;
}

async function startPair(wall: FakeProvider): Promise<Pair> {
  const baseUrl = wall.baseUrl('openai-chat');
  const plain = { type: 'openai-compatible', apiKey: goodKey, baseUrl } as const;
  const { apiKey: _, ...keyless } = plain;
  const config: GatewayConfig = {
    providers: { a: plain, b: plain, c: { ...keyless, apiKeys: [badKey, goodKey] }, d: plain },
    failover: { retries: 2 },
  };
  // The same clock and chance for both, as in any process; fast, so that backoff costs no time.
  const context = { logger: { log() {} }, environment: {}, runtime: fastRuntime(20, 1) };
  const gateways = { first: createGateway(config, context), second: createGateway(config, context) };
  const app = express();
  for (const name of names) app.use(`/${name}/v1`, gateways[name]);
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const callers = {
    first: new Caller(`${origin}/first/v1/chat/completions`, 4),
    second: new Caller(`${origin}/second/v1/chat/completions`, 4),
  };
  return {
    ask: async (name, model) => (await callers[name].ask({ model, ...question })).status,
    healthOf: async (name) => (await fetch(`${origin}/${name}/v1/health`)).status,
    closeFirst: () => gateways.first.close(),
    async close() {
      for (const name of names) callers[name].close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await Promise.all(names.map((name) => gateways[name].close()));
    },
  };
}
