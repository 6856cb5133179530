import { describe, expect, it } from '@jest/globals';
import { tokenCount } from '../../src/core/usage.ts';

describe('tokenCount', () => {
  it.each([0, 1, 2 ** 53 - 1])('takes %d', (count) => {
    expect(tokenCount(count)).toBe(count);
  });

  it.each([-5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '7', null, undefined, true, [], {}, 2 ** 53])(
    'RL-17: takes %p for no count',
    (value) => {
      expect(tokenCount(value)).toBeUndefined();
    },
  );
});
