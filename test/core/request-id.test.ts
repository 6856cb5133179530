import { describe, expect, it } from '@jest/globals';
import { usableRequestId } from '../../src/core/request-id.ts';

describe('usableRequestId', () => {
  it.each(['a', '0f8fad5b-d9cb-469f-a165-70867728950e', 'req_1.2:3', 'x'.repeat(128)])('keeps %j', (id) => {
    expect(usableRequestId(id)).toBe(id);
  });

  it.each([
    ['nothing', undefined],
    ['an empty id', ''],
    ['one that is too long', 'x'.repeat(129)],
    ['one with a line break', 'a\nb'],
    ['one that ends in a line break', 'a\n'],
    ['one with a space', 'a b'],
    ['letters outside ASCII', 'r\u00e9q'],
    ['a list', ['a', 'b']],
    ['a number', 7],
  ])('refuses %s', (_what, id) => {
    expect(usableRequestId(id)).toBeUndefined();
  });
});
