import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import type { Call } from '../../src/core/call.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import type { Reply, StreamSink } from '../../src/core/reply.ts';
import { mount } from '../../src/express/mount.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import {
  chat,
  countingRuntime,
  createWitness,
  type GatewayApp,
  listen,
  startGatewayApp,
  until,
  wallProviders,
} from '../support/test-app.ts';

const question = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'say: hi' }] };
const failure = new Error('canary-2b8e');

let wall: FakeProvider;
let app: GatewayApp | undefined;
const unhandled: unknown[] = [];
const noteUnhandled = (thrown: unknown): void => void unhandled.push(thrown);

beforeAll(async () => {
  process.on('unhandledRejection', noteUnhandled);
  process.on('uncaughtException', noteUnhandled);
  wall = await startFakeProvider();
});
afterAll(async () => {
  await wall.close();
  process.off('unhandledRejection', noteUnhandled);
  process.off('uncaughtException', noteUnhandled);
});
afterEach(async () => {
  await app?.checkInvariants();
  await app?.close();
  app = undefined;
  wall.reset();
  expect(unhandled).toEqual([]);
});

/** The hooks a capability can have that fail in this way, at once or later. */
const throwing = (): never => {
  throw failure;
};
const rejecting = (): Promise<never> => Promise.reject(failure);

function faulty(hooks: object): Capability & { readonly faults: unknown[] } {
  const faults: unknown[] = [];
  return Object.assign({ name: 'faulty', faults, onFault: (thrown: unknown) => void faults.push(thrown) }, hooks);
}

async function start(capability: Capability): Promise<GatewayApp> {
  app = await startGatewayApp({ providers: wallProviders(wall), walls: [wall], inFront: [capability] });
  return app;
}

describe('HC-23: a hook of the app that fails', () => {
  it.each([
    ['onHead, at once', { onHead: throwing }],
    ['onHead, later', { onHead: rejecting }],
    ['onRequest, at once', { onRequest: throwing }],
    ['onRequest, later', { onRequest: rejecting }],
    ['onRequest behind a slow onHead', { onHead: async () => pass, onRequest: rejecting }],
  ])('%s: 500 without its text, one settlement, and the next call is served', async (_which, hooks) => {
    const capability = faulty(hooks);
    const { url, witness } = await start(capability);
    for (const stream of [false, true]) {
      const answer = await chat(url, { ...question, stream });
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([500, 'internal_error']);
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(answer.text).not.toMatch(/canary|at .*\.ts/);
    }
    expect(wall.calls).toHaveLength(0);
    await until(() => witness.settlements.length === 2);
    expect(capability.faults).toEqual([failure, failure]);
    expect(witness.settlements).toMatchObject([{ status: 'failed', error: { cause: failure } }, { status: 'failed' }]);
  });

  it('onPlan: 500 without its text, and the call says what it was', async () => {
    const { url, witness } = await start(faulty({ onPlan: throwing }));
    const answer = await chat(url, question);
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([500, 'internal_error']);
    expect(answer.text).not.toContain('canary');
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]).toMatchObject({ status: 'failed', error: { cause: failure } });
  });

  it.each([
    ['at once', throwing],
    ['later', rejecting],
  ])('onAttempt, onAttemptSettled and onSettled, %s: the answer is none the worse', async (_when, fail) => {
    const capability = faulty({ onAttempt: fail, onAttemptSettled: fail, onSettled: fail });
    const { url, witness } = await start(capability);
    for (const stream of [false, true]) {
      const answer = await chat(url, { ...question, stream });
      expect([answer.status, answer.broken]).toEqual([200, false]);
    }
    await until(() => capability.faults.length === 6);
    expect(witness.settlements.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('that keeps failing in its own log as well stays alone with it', async () => {
    const capability: Capability = { name: 'hopeless', onSettled: throwing, onHead: () => pass, onFault: throwing };
    const { url } = await start(capability);
    for (let index = 0; index < 3; index += 1) expect((await chat(url, question)).status).toBe(200);
  });
});

/** An app with one capability of its own as terminal. */
async function serve(answer: (call: Call) => Promise<Reply>): Promise<{
  url: string;
  witness: ReturnType<typeof createWitness>;
  faults: unknown[];
  close(): Promise<void>;
}> {
  const witness = createWitness();
  const runtime = countingRuntime();
  const capability = faulty({ answer });
  const express = express5();
  express.use(mount(witness.capability, { runtime }), mount(capability, { runtime }));
  const listening = await listen(express);
  return { url: listening.url, witness, faults: capability.faults, close: listening.close };
}

function streamOf(write: (sink: StreamSink) => void): Reply {
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    source: { start: write, resume() {} },
  };
}

describe('a terminal of the app', () => {
  it('HC-23: that throws before its answer is a 500, settled once', async () => {
    for (const fail of [throwing, rejecting]) {
      const { url, witness, faults, close } = await serve(fail);
      const answer = await chat(url, question);
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([500, 'internal_error']);
      await until(() => witness.settlements.length === 1);
      expect(faults).toEqual([failure]);
      await close();
    }
  });

  it('HC-23: whose stream throws when it is started leaves no connection open', async () => {
    const { url, witness, close } = await serve(async (call) => {
      call.finish({ status: 'failed', httpStatus: 200 });
      return streamOf(throwing);
    });
    const answer = await chat(url, question).catch(() => ({ status: 0, broken: true }));
    expect(answer.broken || answer.status === 500).toBe(true);
    await until(() => witness.settlements.length === 1);
    await close();
  });

  it('whose stream breaks ends without the end of the message, its last frame delivered', async () => {
    const { url, witness, close } = await serve(async (call) =>
      streamOf((sink) => {
        sink.write('data: 1\n\n');
        setTimeout(() => {
          sink.fail('data: {"error":{}}\n\n');
          call.finish({ status: 'upstream_truncated', httpStatus: 200 });
        }, 10);
      }),
    );
    const answer = await chat(url, question);
    expect([answer.status, answer.broken, answer.text]).toEqual([200, true, 'data: 1\n\ndata: {"error":{}}\n\n']);
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]?.status).toBe('upstream_truncated');
    await close();
  });

  it('with headers nobody can send is served all the same', async () => {
    const { url, close } = await serve(async (call) => {
      call.finish({ status: 'ok', httpStatus: 200 });
      return { kind: 'whole', status: 200, headers: { 'x-odd': 'a\r\nb: \u4e2d\u0000' }, body: 'x' };
    });
    const answer = await chat(url, question);
    expect([answer.status, answer.text, answer.headers.get('x-odd')]).toEqual([200, 'x', 'a??b: ??']);
    await close();
  });

  it('is told when somebody else has answered meanwhile', async () => {
    const reasons: unknown[] = [];
    const witness = createWitness();
    const runtime = countingRuntime();
    const slow = faulty({
      answer: async (call: Call) => {
        await new Promise<void>((resolve) => call.cancellation.onCancel(() => resolve()));
        reasons.push(call.cancellation.reason);
        throw failure;
      },
    });
    const express = express5();
    express.use((_request, response, next) => {
      setTimeout(() => response.status(503).send('too slow'), 30);
      next();
    });
    express.use(mount(witness.capability, { runtime }), mount(slow, { runtime }));
    const { url, close } = await listen(express);
    const answer = await chat(url, question);
    expect([answer.status, answer.text]).toEqual([503, 'too slow']);
    await until(() => witness.settlements.length === 1);
    expect(reasons).toEqual(['client_gone']);
    await close();
  });
});
