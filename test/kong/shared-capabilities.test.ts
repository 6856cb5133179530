import { describe, expect, it } from '@jest/globals';
import type { Capability } from '../../src/core/capability.ts';
import { SharedCapabilities } from '../../src/kong/shared-capabilities.ts';

function counting() {
  let made = 0;
  const create = (): Capability => {
    made += 1;
    return { name: `capability ${made}` };
  };
  return { create, made: () => made };
}

describe('the capabilities of configured plugins', () => {
  it('are made once for all workers, whatever order Lua gives the members in', () => {
    const { create, made } = counting();
    const shared = new SharedCapabilities();
    const first = shared.get('p', { a: 1, b: [{ c: 2, d: 3 }] }, create);
    expect(shared.get('p', { b: [{ d: 3, c: 2 }], a: 1 }, create)).toBe(first);
    expect(made()).toBe(1);
  });

  it('are not shared between plugins, nor between configurations', () => {
    const { create, made } = counting();
    const shared = new SharedCapabilities();
    shared.get('p', { a: 1 }, create);
    shared.get('q', { a: 1 }, create);
    shared.get('p', { a: 2 }, create);
    shared.get('p', { a: [1] }, create);
    expect(made()).toBe(4);
  });

  it('are kept for the configuration before, while a change reaches all workers', () => {
    const { create, made } = counting();
    const shared = new SharedCapabilities();
    const old = shared.get('p', { a: 1 }, create);
    const current = shared.get('p', { a: 2 }, create);
    expect(shared.get('p', { a: 1 }, create)).toBe(old);
    expect(shared.get('p', { a: 2 }, create)).toBe(current);
    shared.get('p', { a: 3 }, create);
    shared.get('p', { a: 1 }, create);
    expect(made()).toBe(4);
  });

  it('are bounded in number', () => {
    const { create, made } = counting();
    const shared = new SharedCapabilities();
    for (let index = 0; index < 2_000; index += 1) shared.get(`p${index}`, {}, create);
    shared.get('p1999', {}, create);
    expect(made()).toBe(2_000);
    shared.get('p0', {}, create);
    expect(made()).toBe(2_001);
  });
});
