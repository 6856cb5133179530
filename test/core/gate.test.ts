import { createContext, runInContext } from 'node:vm';
import { describe, expect, it, jest } from '@jest/globals';
import { type Capability, type Decision, pass, reject } from '../../src/core/capability.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { runGate } from '../../src/core/gate.ts';
import { notingCapability, testCall } from './support.ts';

const refusal = reject(new GatewayError('invalid_api_key'));
const failure = new Error('a bug');

/** A promise that is no instance of this realm's `Promise`, as worker threads, `vm` and polyfills make them. */
function promiseOfAnotherRealm(decision: Decision): Promise<Decision> {
  return runInContext('Promise', createContext()).resolve(decision);
}

describe('runGate', () => {
  it('stays synchronous when the hooks do', () => {
    const { call } = testCall();
    expect(runGate(call, notingCapability('none'))).toBe(pass);
    expect(runGate(call, notingCapability('head', { onHead: () => pass }))).toBe(pass);
    expect(runGate(call, notingCapability('refuses', { onHead: () => refusal }))).toBe(refusal);
  });

  it('reads the body only after the head was let in', async () => {
    const readBody = jest.fn(async () => ({ json: {} }));
    const onRequest = jest.fn(() => pass);
    const refused = testCall({ readBody }).call;
    await runGate(refused, notingCapability('refuses', { onHead: async () => refusal, onRequest }));
    expect(readBody).not.toHaveBeenCalled();
    expect(onRequest).not.toHaveBeenCalled();
    const passed = testCall({ readBody }).call;
    expect(await runGate(passed, notingCapability('passes', { onHead: async () => pass, onRequest }))).toBe(pass);
    expect(readBody.mock.invocationCallOrder[0]).toBeLessThan(onRequest.mock.invocationCallOrder[0] ?? 0);
  });

  it('awaits a promise of another realm: a refusal in it never passes for consent', async () => {
    const { call } = testCall();
    const wrapped = (): Promise<Decision> => promiseOfAnotherRealm(refusal);
    expect(wrapped()).not.toBeInstanceOf(Promise);
    expect(await runGate(call, notingCapability('auth', { onHead: wrapped }))).toBe(refusal);
    expect(await runGate(call, notingCapability('rules', { onRequest: wrapped }))).toBe(refusal);
  });

  const throwing: readonly (readonly [string, Omit<Capability, 'name'>])[] = [
    [
      'onHead throws',
      {
        onHead: () => {
          throw failure;
        },
      },
    ],
    ['onHead rejects', { onHead: async () => Promise.reject(failure) }],
    [
      'onRequest throws',
      {
        onRequest: () => {
          throw failure;
        },
      },
    ],
    ['onRequest rejects after onHead', { onHead: async () => pass, onRequest: async () => Promise.reject(failure) }],
  ];

  it.each(throwing)(
    'HC-23: rejects with internal_error when %s; the log gets what was thrown',
    async (_what, hooks) => {
      const capability = notingCapability('buggy', hooks);
      const decision = await runGate(testCall().call, capability);
      expect(decision).toMatchObject({ kind: 'reject', error: { code: 'internal_error', cause: failure } });
      expect(capability.faults).toEqual([failure]);
    },
  );

  it.each([
    ['onHead', { onHead: () => undefined }],
    ['an async onHead', { onHead: async () => undefined }],
    ['onRequest', { onRequest: () => null }],
    ['an onRequest of another language', { onRequest: async () => ({ kind: 'ok' }) }],
  ])('does not let a call pass when %s returns no decision', async (_what, hooks) => {
    const capability: Capability & { faults: unknown[] } = Object.assign(notingCapability('forgetful'), hooks);
    const decision = await runGate(testCall().call, capability);
    expect(decision).toMatchObject({ kind: 'reject', error: { code: 'internal_error' } });
    expect(capability.faults).toEqual([expect.objectContaining({ message: expect.stringContaining('no decision') })]);
  });

  it("passes a body's own fault on, and does not call it a bug", async () => {
    const { call } = testCall({ readBody: () => Promise.reject(new GatewayError('invalid_json')) });
    const capability = notingCapability('reader', { onRequest: () => pass });
    expect(await runGate(call, capability)).toMatchObject({ kind: 'reject', error: { code: 'invalid_json' } });
    expect(capability.faults).toEqual([]);
  });

  it('refuses a capability that must stand in front of one the call has passed, naming both', () => {
    const { call } = testCall();
    runGate(call, notingCapability('cache'));
    const late = notingCapability('auth', { standsBefore: { cache: 'cached answers would be open to all.' } });
    const decision = runGate(call, late);
    expect(decision).toMatchObject({ kind: 'reject', error: { code: 'wrong_mount' } });
    expect(decision).toMatchObject({ error: { message: expect.stringMatching(/`auth`.*`cache`.*open to all/) } });
    expect(call.capabilities.map(({ name }) => name)).toEqual(['cache']);
  });

  it('refuses a second terminal, naming both', () => {
    const { call } = testCall();
    const answer: Capability['answer'] = () => Promise.reject(failure);
    runGate(call, notingCapability('first', { answer }));
    const decision = runGate(call, notingCapability('second', { answer }));
    expect(decision).toMatchObject({
      error: { code: 'wrong_mount', message: expect.stringMatching(/`first`.*`second`/) },
    });
  });

  it('looks at a call once, however often the same capability is mounted', () => {
    const { call } = testCall();
    const onHead = jest.fn(() => pass);
    const capability = notingCapability('counter', { onHead });
    expect([runGate(call, capability), runGate(call, capability)]).toEqual([pass, pass]);
    expect(onHead).toHaveBeenCalledTimes(1);
    expect(call.capabilities).toEqual([capability]);
  });

  it('takes two capabilities of one name for two', () => {
    const { call } = testCall();
    const onHead = jest.fn(() => pass);
    runGate(call, notingCapability('telemetry', { onHead }));
    runGate(call, notingCapability('telemetry', { onHead }));
    expect(onHead).toHaveBeenCalledTimes(2);
  });

  it('lets only watchers in once the call has been handed to a handler of the app', () => {
    const { call } = testCall();
    const translate = notingCapability('translate', { onRequest: () => pass });
    call.capabilities.push(translate);
    call.foreign = {
      request: { path: '/', headers: {}, body: Buffer.alloc(0) },
      reply: new Promise(() => {}),
      attach() {},
      onHead() {},
      onData() {},
      onEnd() {},
      onBroken() {},
    };
    expect(runGate(call, notingCapability('watcher', { onSettled() {} }))).toBe(pass);
    const decision = runGate(call, notingCapability('auth', { onHead: () => pass }));
    expect(decision).toMatchObject({
      error: { code: 'wrong_mount', message: expect.stringMatching(/`auth`.*`translate`/) },
    });
  });
});
