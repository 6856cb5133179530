import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { createAuth } from '../../src/auth/index.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { callWith } from './support.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

function heapAfterCollection(): number {
  if (typeof collectGarbage !== 'function') throw new Error('gc is not exposed');
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('AU-10 a flood of wrong keys', () => {
  it('leaves nothing behind', () => {
    const auth = createAuth({ keys: [{ key: 'sk-gateway-0123456789abcdef' }] });
    const random = seededRandom(7);
    function attack(count: number): void {
      for (let index = 0; index < count; index += 1) {
        const key = `sk-${random().toString(36).slice(2)}${random().toString(36).slice(2)}`;
        const decision = auth.onHead?.(callWith({ headers: ['x-api-key', key] }));
        if (decision === undefined || decision instanceof Promise || decision.kind !== 'reject')
          throw new Error('let in');
      }
    }
    attack(20_000);
    const before = heapAfterCollection();
    attack(1_000_000);
    expect(heapAfterCollection() - before).toBeLessThan(1024 ** 2);
  });
});
