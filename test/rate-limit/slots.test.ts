import { describe, expect, it } from '@jest/globals';
import type { LimitStore, TakeResult } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { limiter, statuses } from './support.ts';

describe('a limit of calls at the same time', () => {
  it('frees a slot when its call has ended', async () => {
    const limit = limiter([{ concurrent: 2 }]);
    const [first, second, third] = [await limit.send(), await limit.send(), await limit.send()];
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(third.error).toMatchObject({
      retryAfter: 1,
      message: expect.stringContaining('2 requests at the same time'),
    });
    first.end();
    expect((await limit.send()).status).toBe(200);
    expect((await limit.send()).status).toBe(429);
  });

  it('counts two calls whose caller gave them one id as two', async () => {
    expect(await statuses(limiter([{ concurrent: 1 }]), 2, { id: 'chosen-by-the-caller' })).toEqual([200, 429]);
  });

  it('keeps the slot of a call that runs longer than a lease', async () => {
    const limit = limiter([{ concurrent: 1 }]);
    const first = await limit.send();
    for (let minute = 0; minute < 30; minute += 1) {
      limit.runtime.advance(60_000);
      expect((await limit.send()).status).toBe(429);
    }
    first.end();
    expect((await limit.send()).status).toBe(200);
  });

  it('leaves no timer when nothing is under way', async () => {
    const limit = limiter([{ concurrent: 5 }]);
    const sent = [await limit.send(), await limit.send()];
    expect(limit.runtime.pendingTimers()).toBe(1);
    for (const each of sent) each.end();
    expect(limit.runtime.pendingTimers()).toBe(0);
  });

  it('gives everything back of a call that ended while the store was still asked', async () => {
    const runtime = manualRuntime();
    const memory = memoryLimitStore({}, runtime);
    const waiting: (() => void)[] = [];
    const slow: LimitStore = {
      take: (request) =>
        new Promise<TakeResult>((resolve) => {
          waiting.push(() => resolve(memory.take(request)));
        }),
      settle: (id, settlings) => memory.settle(id, settlings),
      renew: () => {},
    };
    const limit = limiter({ store: slow, limits: [{ concurrent: 1 }] }, { runtime });
    const call = limit.call();
    const decision = limit.decide(call);
    call.finish({ status: 'client_abort', httpStatus: 499 });
    call.close(false);
    waiting.shift()?.();
    expect((await decision).kind).toBe('pass');
    const next = limit.send();
    waiting.shift()?.();
    expect((await next).status).toBe(200);
    expect(runtime.pendingTimers()).toBe(1);
  });
});
