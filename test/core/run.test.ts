import { describe, expect, it, jest } from '@jest/globals';
import { type Capability, pass, reject } from '../../src/core/capability.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Reply, WholeReply } from '../../src/core/reply.ts';
import { rejection, run, runCapability } from '../../src/core/run.ts';
import { notingCapability, testCall } from './support.ts';

const ready: WholeReply = { kind: 'whole', status: 200, headers: {}, body: 'ready' };

function answers(reply: Reply): Capability {
  return notingCapability('terminal', {
    async answer(call) {
      call.finish({ status: 'ok', httpStatus: reply.status });
      return reply;
    },
  });
}

function outcomeOf(call: ReturnType<typeof testCall>['call']): unknown {
  const outcomes: unknown[] = [];
  call.capabilities.push(notingCapability('witness', { onSettled: (_call, end) => void outcomes.push(end) }));
  call.close(true);
  return outcomes[0];
}

describe('run', () => {
  it('goes through the capabilities in order, up to the one that answers', async () => {
    const { call } = testCall();
    const order: string[] = [];
    const passes = (name: string): Capability =>
      notingCapability(name, {
        onHead() {
          order.push(name);
          return pass;
        },
      });
    const never = jest.fn(() => pass);
    const reply = await run(call, [passes('a'), passes('b'), answers(ready), notingCapability('c', { onHead: never })]);
    expect(reply).toBe(ready);
    expect(order).toEqual(['a', 'b']);
    expect(never).not.toHaveBeenCalled();
    expect(outcomeOf(call)).toMatchObject({ status: 'ok', httpStatus: 200 });
  });

  it('says not_found when nobody answers', async () => {
    const { call } = testCall();
    expect(await run(call, [])).toMatchObject({ status: 404 });
    expect(outcomeOf(call)).toMatchObject({ status: 'rejected', httpStatus: 404, error: { code: 'not_found' } });
  });

  it("takes a capability's reply for the answer", async () => {
    const { call } = testCall();
    const cache = notingCapability('cache', { onRequest: () => ({ kind: 'reply', reply: ready }) });
    expect(await run(call, [cache, answers({ ...ready, status: 500 })])).toBe(ready);
    expect(outcomeOf(call)).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['invalid_api_key', 'rejected', 401],
    ['wrong_mount', 'failed', 500],
    ['client_closed_request', 'client_abort', 499],
  ] as const)('ends a call refused with %s as %s', async (code, status, httpStatus) => {
    const { call } = testCall();
    const refuses = notingCapability('refuses', { onHead: () => reject(new GatewayError(code)) });
    expect(await run(call, [refuses])).toMatchObject({ status: httpStatus });
    expect(outcomeOf(call)).toMatchObject({ status, httpStatus, error: { code } });
  });

  it('HC-23: turns what a terminal throws into internal_error without its text', async () => {
    const { call } = testCall();
    const buggy = notingCapability('buggy', { answer: () => Promise.reject(new Error('secret detail')) });
    const reply = await run(call, [buggy]);
    expect(reply).toMatchObject({ kind: 'whole', status: 500 });
    expect(JSON.stringify(reply)).not.toContain('secret detail');
    expect(buggy.faults).toHaveLength(1);
    expect(outcomeOf(call)).toMatchObject({ status: 'failed' });
  });

  it('is synchronous for a capability that is', () => {
    const { call } = testCall();
    expect(runCapability(call, notingCapability('watcher'))).toBeUndefined();
    expect(
      runCapability(call, notingCapability('refuses', { onHead: () => reject(new GatewayError('not_found')) })),
    ).toMatchObject({ status: 404 });
  });

  it("answers in the caller's dialect", () => {
    const { call } = testCall({ dialect: 'anthropic-messages' });
    const reply = rejection(call, new GatewayError('invalid_json'));
    expect(JSON.parse(String(reply.kind === 'whole' && reply.body))).toMatchObject({ type: 'error' });
  });
});
