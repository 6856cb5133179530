import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { describeLimitStore, draw, perMinute, slots, take, window } from './limit-conformance.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describeLimitStore('memory', () => {
  const runtime = manualRuntime();
  return { store: memoryLimitStore({}, runtime), pass: (milliseconds) => runtime.advance(milliseconds), close() {} };
});

describe('RL-12 the memory of limits, full', () => {
  const forId = (id: number) => ({ ...draw('rule', perMinute(2)), key: `all:rule:x:${id}` });

  it('never opens an active bucket again, and counts who comes new together', () => {
    const runtime = manualRuntime();
    const store = memoryLimitStore({ maxCounters: 100 }, runtime);
    for (let id = 0; id < 100; id += 1) {
      store.take(take([forId(id)]));
      store.take(take([forId(id)]));
    }
    let newcomers = 0;
    for (let id = 100; id < 1_100; id += 1) if (store.take(take([forId(id)])).taken) newcomers += 1;
    expect(newcomers).toBe(2);
    for (let id = 0; id < 100; id += 1) expect(store.take(take([forId(id)])).taken).toBe(false);
  });

  it('gives newcomers counters of their own again when others have become idle', () => {
    const runtime = manualRuntime();
    const store = memoryLimitStore({ maxCounters: 100 }, runtime);
    for (let id = 0; id < 200; id += 1) store.take(take([forId(id)]));
    runtime.advance(60_000);
    let passed = 0;
    for (let id = 1_000; id < 1_080; id += 1) if (store.take(take([forId(id)])).taken) passed += 1;
    expect(passed).toBe(80);
  });

  it('frees what was counted together where it was counted', () => {
    const store = memoryLimitStore({ maxCounters: 1 }, manualRuntime());
    store.take(take([{ ...draw('rule', window(9)), key: 'first' }]));
    const request = take([{ ...draw('rule', slots(1)), key: 'second' }]);
    const { states } = store.take(request);
    const third = take([{ ...draw('rule', slots(1)), key: 'third' }]);
    expect(store.take(third).taken).toBe(false);
    const { group, shape } = draw('rule', slots(1));
    store.settle(request.id, [{ key: states[0]?.key ?? '', group, shape, unused: 0, windowEnd: 0 }]);
    expect(store.take(third).taken).toBe(true);
  });

  it('stays within 50 MB for 1,000,000 ids', () => {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const store = memoryLimitStore({}, manualRuntime());
    for (let id = 0; id < 1_000_000; id += 1) store.take(take([forId(id)]));
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 1024 * 1024);
    expect(store.take(take([forId(5)])).states[0]?.remaining).toBe(0);
    expect(store.take(take([forId(5)])).taken).toBe(false);
  });
});
