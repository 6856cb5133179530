import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { anonymous, type Slot } from '../../src/core/call.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { AttemptRecord, CallStatus, Settlement } from '../../src/core/settlement.ts';
import { notingCapability, testCall } from './support.ts';

describe('Call', () => {
  it('settles exactly once, when both the work and the response are over, in whatever order they end', () => {
    type Step = { readonly finish: CallStatus } | { readonly close: boolean };
    const status = fc.constantFrom<CallStatus>('ok', 'rejected', 'timeout', 'client_abort', 'failed');
    const step: fc.Arbitrary<Step> = fc.oneof(fc.record({ finish: status }), fc.record({ close: fc.boolean() }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { call } = testCall();
        const settlements: Settlement[] = [];
        call.capabilities.push(notingCapability('witness', { onSettled: (_call, end) => void settlements.push(end) }));
        const finishes: CallStatus[] = [];
        const closes: boolean[] = [];
        for (const one of steps) {
          if ('finish' in one) {
            call.finish({ status: one.finish, httpStatus: 200 });
            finishes.push(one.finish);
          } else {
            call.close(one.close);
            closes.push(one.close);
          }
          expect(settlements).toHaveLength(finishes.length > 0 && closes.length > 0 ? 1 : 0);
        }
        const [first] = finishes;
        const [delivered] = closes;
        if (first === undefined || delivered === undefined) return;
        expect(settlements[0]?.status).toBe(first === 'ok' && !delivered ? 'client_abort' : first);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('measures from the arrival to the end, and to the first output of the attempt that has ended', () => {
    const { call, runtime } = testCall();
    const settlements: Settlement[] = [];
    call.capabilities.push(notingCapability('witness', { onSettled: (_call, end) => void settlements.push(end) }));
    const attempt: AttemptRecord = { id: 'a', number: 1, provider: 'p', model: 'm', startedAt: runtime.now() };
    call.attempts.push(attempt);
    runtime.advance(40);
    attempt.firstOutputAt = runtime.now();
    attempt.status = 'ok';
    runtime.advance(60);
    call.finish({ status: 'ok', httpStatus: 200 });
    runtime.advance(5);
    call.close(true);
    expect(settlements).toEqual([
      { status: 'ok', httpStatus: 200, latencyMs: 105, firstOutputMs: 40, attempts: [attempt] },
    ]);
  });

  it('tells every capability, whatever the others throw, and hands what they threw to their logs', async () => {
    const { call } = testCall();
    const sync = notingCapability('sync', {
      onSettled: () => {
        throw new Error('sync');
      },
    });
    const late = notingCapability('late', { onSettled: async () => Promise.reject(new Error('late')) });
    const deaf = notingCapability('deaf', {
      onSettled: () => {
        throw new Error('deaf');
      },
      onFault: () => {
        throw new Error('the log fails too');
      },
    });
    const last = jest.fn();
    call.capabilities.push(sync, late, deaf, notingCapability('last', { onSettled: last }));
    call.finish({ status: 'ok', httpStatus: 200 });
    call.close(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(last).toHaveBeenCalledTimes(1);
    expect(sync.faults).toEqual([expect.objectContaining({ message: 'sync' })]);
    expect(late.faults).toEqual([expect.objectContaining({ message: 'late' })]);
  });

  it.each([
    ['when the caller went before the end', true, false, 'client_gone'],
    ['when somebody else has answered while the work goes on', false, true, 'client_gone'],
    ['not when the answer was delivered', true, true, undefined],
  ] as const)('cancels %s', (_when, finished, delivered, reason) => {
    const { call } = testCall();
    if (finished) call.finish({ status: 'ok', httpStatus: 200 });
    call.close(delivered);
    expect(call.cancellation.reason).toBe(reason);
  });

  it('reads the body once', async () => {
    const readBody = jest.fn(async () => ({ json: { model: 'm' } }));
    const { call } = testCall({ readBody });
    expect(await call.body()).toBe(await call.body());
    expect(readBody).toHaveBeenCalledTimes(1);
  });

  it('joins a header that came several times, and knows no header by another case', () => {
    const head = { method: 'POST', path: '/', headers: { a: '1', b: ['1', '2'] }, rawHeaders: [] };
    const { call } = testCall({ head });
    expect([call.header('a'), call.header('b'), call.header('c')]).toEqual(['1', '1, 2', undefined]);
  });

  it('has one writer per slot', () => {
    const { call } = testCall();
    const slot: Slot<number> = { name: 'number' };
    const sameName: Slot<number> = { name: 'number' };
    expect(call.get(slot)).toBeUndefined();
    call.set(slot, 1);
    call.set(sameName, 2);
    expect([call.get(slot), call.get(sameName)]).toEqual([1, 2]);
    expect(() => call.set(slot, 3)).toThrow(expect.objectContaining({ code: 'wrong_mount' }));
    expect(call.get(slot)).toBe(1);
  });

  it('names the caller once', () => {
    const { call } = testCall();
    call.setCaller({ keyId: 'key-1' });
    expect(() => call.setCaller({ keyId: 'key-2' })).toThrow(GatewayError);
    expect(call.caller.keyId).toBe('key-1');
  });

  it('names no caller once somebody has taken it for anonymous', () => {
    const { call } = testCall();
    expect(call.caller).toBe(anonymous);
    expect(() => call.setCaller({ keyId: 'key-1' })).toThrow(GatewayError);
    expect(call.caller).toBe(anonymous);
  });

  it("keeps the host's id, or makes one", () => {
    expect(testCall({ id: 'given' }).call.id).toBe('given');
    expect(testCall().call.id).toBe('id-1');
  });
});
