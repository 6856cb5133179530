import { describe, expect, it } from '@jest/globals';
import { type PassageLimit, PassageWatch } from '../../src/pass-through/passage-watch.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

function watch(total = 60_000) {
  const runtime = manualRuntime();
  const expired: PassageLimit[] = [];
  return { runtime, expired, watch: new PassageWatch(runtime, total, (limit) => expired.push(limit)) };
}

describe('PassageWatch', () => {
  it('ends what takes longer than it may to connect, and nothing that has connected', () => {
    const slow = watch();
    slow.watch.connecting(2_000);
    slow.runtime.advance(2_000);
    expect(slow.expired).toEqual(['connect']);
    const quick = watch();
    quick.watch.connecting(2_000);
    quick.runtime.advance(1_999);
    quick.watch.connected();
    quick.runtime.advance(10_000);
    expect(quick.expired).toEqual([]);
  });

  it('measures silence from the last byte, to a tenth', () => {
    const { runtime, expired, watch: watching } = watch();
    let bytes = 0;
    watching.listen({ limit: 'idle', longest: 5_000, activity: () => bytes, held: () => false });
    for (let step = 0; step < 4; step += 1) {
      runtime.advance(4_000);
      bytes += 1;
    }
    runtime.advance(4_900);
    expect(expired).toEqual([]);
    runtime.advance(700);
    expect(expired).toEqual(['idle']);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('does not hold the silence of a slow caller against the provider', () => {
    const { runtime, expired, watch: watching } = watch();
    let held = true;
    watching.listen({ limit: 'first_byte', longest: 1_000, activity: () => 0, held: () => held });
    runtime.advance(30_000);
    expect(expired).toEqual([]);
    held = false;
    runtime.advance(1_200);
    expect(expired).toEqual(['first_byte']);
  });

  it('does not take for silence, or for a way that is too long, that this process was held up', () => {
    const { runtime, expired, watch: watching } = watch();
    watching.connecting(2_000);
    runtime.block(3_000);
    runtime.advance(0);
    expect(expired).toEqual([]);
    watching.connected();
    let bytes = 0;
    watching.listen({ limit: 'idle', longest: 5_000, activity: () => bytes, held: () => false });
    runtime.advance(4_000);
    runtime.block(30_000);
    runtime.advance(0);
    expect(expired).toEqual([]);
    bytes += 1;
    runtime.advance(5_400);
    expect(expired).toEqual([]);
    runtime.advance(600);
    expect(expired).toEqual(['idle']);
  });

  it('ends everything at the total, once, and nothing after it was stopped', () => {
    const { runtime, expired, watch: watching } = watch(1_000);
    watching.connecting(5_000);
    watching.listen({ limit: 'idle', longest: 1_000, activity: () => runtime.now(), held: () => false });
    runtime.advance(20_000);
    expect(expired).toEqual(['total']);
    const stopped = watch(1_000);
    stopped.watch.connecting(500);
    stopped.watch.stop();
    stopped.runtime.advance(20_000);
    expect(stopped.expired).toEqual([]);
    expect(stopped.runtime.pendingTimers()).toBe(0);
  });
});
