import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { createAuth } from '../../src/auth/index.ts';
import { memoryKeyStore } from '../../src/stores/memory/key-store.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { callWith } from './support.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

function heapAfterCollection(): number {
  if (typeof collectGarbage !== 'function') throw new Error('gc is not exposed');
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const keys = [{ key: 'sk-gateway-0123456789abcdef' }];

describe('AU-10 a flood of wrong keys', () => {
  it.each([
    ['of nobody knows whom', 1_000_000, createAuth({ keys }), () => undefined],
    ['of one peer', 200_000, createAuth({ keys, keyStore: memoryKeyStore() }), () => '192.0.2.1'],
    [
      'of ever new peers',
      200_000,
      createAuth({ keys, keyStore: memoryKeyStore() }),
      (index: number) => `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`,
    ],
  ] as const)('%s leaves nothing behind', (_, count, auth, peerOf) => {
    const random = seededRandom(7);
    function attack(count: number): void {
      for (let index = 0; index < count; index += 1) {
        const key = `sk-${random().toString(36).slice(2)}${random().toString(36).slice(2)}`;
        const peer = peerOf(index);
        const decision = auth.onHead?.(callWith({ headers: ['x-api-key', key], ...(peer !== undefined && { peer }) }));
        if (decision === undefined || decision instanceof Promise || decision.kind !== 'reject')
          throw new Error('let in');
      }
    }
    attack(30_000);
    const before = heapAfterCollection();
    attack(count);
    expect(heapAfterCollection() - before).toBeLessThan(5 * 1024 ** 2);
  });
});
