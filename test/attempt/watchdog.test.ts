import { describe, expect, it } from '@jest/globals';
import { type AttemptLimits, type Expiry, Watchdog } from '../../src/attempt/watchdog.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

const limits: AttemptLimits = { firstToken: 1000, idle: 200, total: 5000 };

interface Watched {
  readonly runtime: ManualRuntime;
  readonly watchdog: Watchdog;
  readonly expired: { readonly expiry: Expiry; readonly at: number }[];
}

function watch(changed: Partial<AttemptLimits> = {}): Watched {
  const runtime = manualRuntime();
  const expired: Watched['expired'][number][] = [];
  const watchdog = new Watchdog(runtime, { ...limits, ...changed }, (expiry) =>
    expired.push({ expiry, at: runtime.now() }),
  );
  return { runtime, watchdog, expired };
}

describe('Watchdog', () => {
  it.each([
    ['first-token', {}, 1000],
    ['deadline', { deadlineAt: 300 }, 300],
    ['deadline', { deadlineAt: 1000 }, 1000],
    ['first-token', { deadlineAt: 1001 }, 1000],
    ['total', { firstToken: 9000 }, 5000],
  ] as const)('bounds the time to the first output: %s', (expiry, changed, at) => {
    const { runtime, watchdog, expired } = watch(changed);
    runtime.advance(at - 1);
    watchdog.activity();
    expect(expired).toEqual([]);
    runtime.advance(1);
    expect(expired).toEqual([{ expiry, at }]);
  });

  it('counts silence once there is output, and forgets the deadline', () => {
    const { runtime, watchdog, expired } = watch({ deadlineAt: 150 });
    runtime.advance(100);
    watchdog.firstOutput();
    runtime.advance(199);
    watchdog.activity();
    runtime.advance(199);
    expect(expired).toEqual([]);
    runtime.advance(1);
    expect(expired).toEqual([{ expiry: 'idle', at: 499 }]);
  });

  it('bounds the whole stream however busy it is', () => {
    const { runtime, watchdog, expired } = watch();
    watchdog.firstOutput();
    for (let time = 0; time < 5000; time += 100) {
      runtime.advance(100);
      watchdog.activity();
    }
    expect(expired).toEqual([{ expiry: 'total', at: 5000 }]);
  });

  it("does not take our own pause for the provider's silence, but still bounds the whole", () => {
    const { runtime, watchdog, expired } = watch();
    watchdog.firstOutput();
    watchdog.pause();
    runtime.advance(3000);
    expect(expired).toEqual([]);
    watchdog.resume();
    runtime.advance(199);
    expect(expired).toEqual([]);
    runtime.advance(1);
    expect(expired).toEqual([{ expiry: 'idle', at: 3200 }]);

    const paused = watch();
    paused.watchdog.firstOutput();
    paused.watchdog.pause();
    paused.runtime.advance(6000);
    expect(paused.expired).toEqual([{ expiry: 'total', at: 5000 }]);
  });

  it.each([
    ['first-token', false, 1000],
    ['idle', true, 200],
  ] as const)('does not hold against the provider what this process missed: %s', (expiry, streaming, limit) => {
    const { runtime, watchdog, expired } = watch();
    if (streaming) watchdog.firstOutput();
    runtime.block(limit + 150);
    runtime.advance(0);
    expect(expired).toEqual([]);
    runtime.advance(149);
    expect(expired).toEqual([]);
    // Held up once more: what was given is over.
    runtime.block(100);
    runtime.advance(0);
    expect(expired).toEqual([{ expiry, at: limit + 399 }]);
  });

  it('gives at most the limit again, and anew for each silence', () => {
    const { runtime, watchdog, expired } = watch();
    watchdog.firstOutput();
    runtime.block(1_000);
    runtime.advance(150);
    watchdog.activity();
    runtime.block(300);
    runtime.advance(0);
    expect(expired).toEqual([]);
    runtime.advance(99);
    expect(expired).toEqual([]);
    runtime.advance(1);
    expect(expired).toEqual([{ expiry: 'idle', at: 1_550 }]);
  });

  it.each([
    ['deadline', { deadlineAt: 300 }, 300],
    ['total', { firstToken: 9_000 }, 5_000],
  ] as const)('keeps what the caller was promised to the letter: %s', (expiry, changed, limit) => {
    const { runtime, expired } = watch(changed);
    runtime.block(limit + 150);
    runtime.advance(0);
    expect(expired).toEqual([{ expiry, at: limit + 150 }]);
  });

  it('expires once and leaves no timer behind', () => {
    const { runtime, watchdog, expired } = watch();
    runtime.advance(10_000);
    expect(expired).toHaveLength(1);
    expect(runtime.pendingTimers()).toBe(0);
    watchdog.stop();
  });

  it('is silent after stop', () => {
    const { runtime, watchdog, expired } = watch();
    watchdog.stop();
    expect(runtime.pendingTimers()).toBe(0);
    runtime.advance(10_000);
    expect(expired).toEqual([]);
  });

  it('needs one timer, not one for each sign of life', () => {
    const runtime = manualRuntime();
    let timers = 0;
    const counting = {
      ...runtime,
      after: (delay: number, action: () => void) => {
        timers += 1;
        return runtime.after(delay, action);
      },
    };
    const watchdog = new Watchdog(counting, { ...limits, total: 1_000_000 }, () => {});
    watchdog.firstOutput();
    for (let index = 0; index < 10_000; index += 1) {
      runtime.advance(1);
      watchdog.activity();
    }
    expect(timers).toBeLessThan(10_000 / limits.idle + 5);
    watchdog.stop();
  });
});
