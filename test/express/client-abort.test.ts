import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import type { Call } from '../../src/core/call.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import { mount } from '../../src/express/mount.ts';
import { createFailover } from '../../src/failover/index.ts';
import { createProviderTranslate } from '../../src/provider-translate/index.ts';
import { type FakeProvider, startBlackHole, startFakeProvider } from '../../src/testing/index.ts';
import { modelAt, playedDialects, providersByDialect } from '../../verify/harness/providers.ts';
import { ample } from '../support/ample.ts';
import {
  countingRuntime,
  createWitness,
  type GatewayApp,
  type GatewayAppOptions,
  listen,
  startGatewayApp,
  until,
  wallProviders,
} from '../support/test-app.ts';
import { connectTo, requestText } from './support/raw-client.ts';

const path = '/v1/chat/completions';
const rounds = 50;
const messages = [{ role: 'user', content: 'write 40 words' }];

let wall: FakeProvider;
let app: GatewayApp | undefined;

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  await app?.close();
  app = undefined;
  wall.reset();
});

async function start(options: Partial<GatewayAppOptions> = {}): Promise<GatewayApp> {
  app = await startGatewayApp({ providers: wallProviders(wall), walls: [wall], ...options });
  return app;
}

/** As `until`, without its pauses: what takes a few milliseconds, fifty times over, should take no longer. */
async function soon(condition: () => boolean): Promise<void> {
  const end = performance.now() + ample;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Not so within ${ample} ms: ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** For a hook that takes longer than its caller's patience. */
const untilLeft = (call: Call): Promise<void> =>
  new Promise((resolve) => {
    call.cancellation.onCancel(() => resolve());
  });

interface Phase {
  readonly name: string;
  readonly body: object | ((round: number) => object);
  /** Sent instead of the whole request. */
  readonly bytes?: (whole: Buffer) => Buffer;
  /** When to leave. */
  readonly reached: (socket: Socket, gateway: GatewayApp) => Promise<unknown>;
  /** Whether the provider has seen the call by then. */
  readonly upstream: boolean;
  /** What the records of the attempts say; none for a phase before the first. */
  readonly attempts: readonly string[];
  readonly options?: Partial<GatewayAppOptions>;
}

const providerHasIt = (): Promise<void> => soon(() => wall.stats().open === 1);
const seen =
  (needle: string) =>
  async (socket: Socket): Promise<void> => {
    let text = '';
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.includes(needle)) return;
    }
  };

const phases: readonly Phase[] = [
  {
    name: 'while its headers are on the way',
    body: { model: 'openai/demo-small', messages },
    bytes: (whole) => whole.subarray(0, 60),
    reached: () => new Promise((resolve) => setTimeout(resolve, 2)),
    upstream: false,
    attempts: [],
  },
  {
    name: 'while its body is on the way',
    body: { model: 'openai/demo-small', messages },
    bytes: (whole) => whole.subarray(0, whole.length - 5),
    reached: (_socket, gateway) => soon(() => gateway.witness.calls.length > gateway.witness.settlements.length),
    upstream: false,
    attempts: [],
  },
  {
    name: 'before the headers of the provider',
    body: { model: 'openai/nohdr', messages },
    reached: providerHasIt,
    upstream: true,
    attempts: ['client_abort'],
  },
  {
    name: 'before the first output of a stream',
    body: { model: 'anthropic/stall(0)', stream: true, messages },
    reached: providerHasIt,
    upstream: true,
    attempts: ['client_abort'],
  },
  {
    name: 'in the middle of a whole answer',
    body: { model: 'gemini/stall(1)', messages },
    reached: providerHasIt,
    upstream: true,
    attempts: ['client_abort'],
  },
  {
    name: 'in the middle of a stream',
    body: { model: 'openai/pace(10)', stream: true, messages },
    reached: seen('word2'),
    upstream: true,
    attempts: ['client_abort'],
  },
  {
    name: 'in the middle of a translated stream',
    body: { model: 'anthropic/pace(10)', stream: true, messages },
    reached: seen('word2'),
    upstream: true,
    attempts: ['client_abort'],
  },
  {
    name: 'while a stream stalls',
    body: { model: 'gemini/stall(3)', stream: true, messages },
    reached: seen('word2'),
    upstream: true,
    attempts: ['client_abort'],
  },
  {
    name: 'while it waits for the next try',
    // Each time another model, so that none is ejected.
    body: (round) => ({ model: `openai/model${round}-e503+retryafter(20)`, messages }),
    reached: (_socket, gateway) => soon(() => gateway.witness.settled.length > gateway.witness.settlements.length),
    upstream: false,
    attempts: ['upstream_error'],
    options: { retryBudget: 'unlimited' },
  },
];

/** Leaves in the given way; the caller's socket and whoever may still read it. */
const ways: Readonly<Record<string, (socket: Socket) => void>> = {
  close: (socket) => void socket.destroy(),
  reset: (socket) => void socket.resetAndDestroy(),
};

describe('a caller that leaves', () => {
  it.each(phases)('B10, PT-22, HC-21: $name: everything stops at once, one settlement each', async (phase) => {
    const gateway = await start(phase.options);
    for (let round = 0; round < rounds; round += 1) {
      const before = wall.stats();
      const body = typeof phase.body === 'function' ? phase.body(round) : phase.body;
      const whole = requestText(path, JSON.stringify(body));
      const bytes = phase.bytes?.(whole) ?? whole;
      const socket = connectTo(gateway.url);
      socket.write(bytes);
      await phase.reached(socket, gateway);
      ways[round % 2 === 0 ? 'close' : 'reset']?.(socket);
      const calls = gateway.witness.calls.length;
      await soon(() => wall.stats().open === 0 && gateway.witness.settlements.length === calls);
      if (phase.upstream) expect(wall.stats().aborted).toBe(before.aborted + 1);
    }
    const { witness } = gateway;
    const expected = phase.name === 'while its headers are on the way' ? 0 : rounds;
    expect(witness.settlements.map(({ status }) => status)).toEqual(
      Array.from({ length: expected }, () => 'client_abort'),
    );
    expect(witness.settlements.every(({ attempts }) => attempts.length === phase.attempts.length)).toBe(true);
    expect(witness.settled.map(({ status }) => status)).toEqual(
      Array.from({ length: expected }, () => phase.attempts).flat(),
    );
    await gateway.checkInvariants();
    await until(() => wall.stats().openSockets <= 1);
  });

  it.each(
    playedDialects.flatMap((dialect) =>
      [
        ['before any header came', 'nohdr', false],
        ['before the first output of a stream', 'stall(0)', true],
        ['in the middle of a stream', 'pace(10)', true],
        ['while a stream stalls', 'stall(3)', true],
      ].map(([when, fault, stream]) => ({ dialect, when, fault: String(fault), stream })),
    ),
  )('PT-22, HC-21: $when of a provider that speaks $dialect', async ({ dialect, fault, stream }) => {
    const gateway = await start({ providers: providersByDialect(wall) });
    for (let round = 1; round <= 4; round += 1) {
      const socket = connectTo(gateway.url);
      socket.write(requestText(path, JSON.stringify({ model: modelAt(dialect, fault), stream, messages })));
      await (stream && fault !== 'stall(0)' ? seen('word2')(socket) : providerHasIt());
      ways[round % 2 === 0 ? 'close' : 'reset']?.(socket);
      await soon(() => wall.stats().open === 0 && gateway.witness.settlements.length === round);
      expect(wall.stats().aborted).toBe(round);
    }
    expect(new Set(gateway.witness.settlements.map(({ status }) => status))).toEqual(new Set(['client_abort']));
    expect(gateway.witness.settled.map(({ status }) => status)).toEqual(
      Array.from({ length: 4 }, () => 'client_abort'),
    );
    await gateway.checkInvariants();
    await until(() => wall.stats().openSockets <= 1);
  });

  it('B10: while the connection to the provider is being made: the call ends at once, nothing is ever sent', async () => {
    const hole = await startBlackHole({ connections: 'unanswered' });
    const gateway = await start({
      providers: { hole: { type: 'openai-compatible', baseUrl: hole.url, timeouts: { connect: '500ms' } } },
      walls: [],
    });
    for (let round = 0; round < rounds; round += 1) {
      const socket = connectTo(gateway.url);
      socket.write(requestText(path, JSON.stringify({ model: 'hole/m', messages, stream: round % 2 === 0 })));
      await soon(() => gateway.witness.started.length === round + 1);
      socket.destroy();
      await soon(() => gateway.witness.settlements.length === round + 1);
    }
    expect(new Set(gateway.witness.settlements.map(({ status }) => status))).toEqual(new Set(['client_abort']));
    expect(new Set(gateway.witness.settled.map(({ status }) => status))).toEqual(new Set(['not_sent']));
    await gateway.checkInvariants();
    await hole.close();
  });

  it('in the middle of a hook of the app: the call ends as soon as the hook does, and goes no further', async () => {
    let hooks = 0;
    const slow: Capability = {
      name: 'slow',
      async onHead(call) {
        hooks += 1;
        await untilLeft(call);
        return pass;
      },
    };
    const gateway = await start({ inFront: [slow] });
    for (let round = 0; round < 10; round += 1) {
      const socket = connectTo(gateway.url);
      socket.write(requestText(path, JSON.stringify({ model: 'openai/demo-small', messages })));
      await soon(() => hooks === round + 1);
      socket.destroy();
      await soon(() => gateway.witness.settlements.length === round + 1);
    }
    expect(new Set(gateway.witness.settlements.map(({ status }) => status))).toEqual(new Set(['client_abort']));
    expect(gateway.witness.started).toHaveLength(0);
    expect(wall.calls).toHaveLength(0);
    await gateway.checkInvariants();
  });

  describe.each(['failover', 'providerTranslate'] as const)('of %s behind express.json()', (terminal) => {
    it.each([
      ['while the provider is silent', { model: 'openai/nohdr' }, 'client_abort'],
      ['in the middle of a stream', { model: 'anthropic/stall(3)', stream: true }, 'client_abort'],
      ['before it was asked', { model: 'gemini/demo-small' }, undefined],
    ] as const)('HC-21: %s', async (_when, asked, attempt) => {
      const witness = createWitness();
      const runtime = countingRuntime();
      const options = { providers: wallProviders(wall) };
      const context = { runtime, environment: {} };
      const made =
        terminal === 'failover' ? createFailover(options, context) : createProviderTranslate(options, context);
      let hooks = 0;
      // The body is there at once; what comes between it and the provider takes its time.
      const slow: Capability = {
        name: 'slow',
        async onRequest(call) {
          hooks += 1;
          if (attempt === undefined) await untilLeft(call);
          return pass;
        },
      };
      const express = express5();
      express.use(express5.json(), ...[witness.capability, slow, made].map((one) => mount(one, { runtime })));
      const { url, close } = await listen(express);
      for (let round = 0; round < 10; round += 1) {
        const socket = connectTo(url);
        socket.write(requestText(path, JSON.stringify({ ...asked, messages })));
        if (attempt === undefined) await soon(() => hooks === round + 1);
        else await providerHasIt();
        socket.destroy();
        await soon(() => witness.settlements.length === round + 1 && wall.stats().open === 0);
      }
      expect(new Set(witness.settlements.map(({ status }) => status))).toEqual(new Set(['client_abort']));
      expect(new Set(witness.settled.map(({ status }) => status))).not.toContain(undefined);
      expect(witness.settled.every(({ status }) => status === (attempt ?? 'not_sent'))).toBe(true);
      expect(witness.settled).toHaveLength(witness.started.length);
      if (attempt === undefined) expect(wall.calls).toHaveLength(0);
      await until(() => runtime.pendingTimers() === 0);
      await close();
    });
  });

  it('CG-17: after the finish reason and before the end marker: settled once, with the usage there was', async () => {
    const gateway = await start();
    const chunk = (delta: object, finish: string | null): string =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const usage =
      '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
    for (let round = 0; round < 10; round += 1) {
      wall.script({
        headers: { 'content-type': 'text/event-stream' },
        body: [chunk({ role: 'assistant', content: 'hi' }, null), chunk({}, 'stop'), `data: ${usage}\n\n`, 'data: '],
        fault: 'stall(9)',
      });
      const socket = connectTo(gateway.url);
      socket.write(requestText(path, JSON.stringify({ model: 'openai/demo-small', stream: true, messages })));
      await seen('"stop"')(socket);
      await new Promise((resolve) => setTimeout(resolve, 5));
      socket.destroy();
      await soon(() => gateway.witness.settlements.length === round + 1);
    }
    expect(new Set(gateway.witness.settlements.map(({ status }) => status))).toEqual(new Set(['client_abort']));
    await gateway.checkInvariants();
  });
});
