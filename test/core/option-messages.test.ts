import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parseOptions } from '../../src/core/options.ts';

const schema = z.strictObject({
  name: z.string().optional(),
  count: z.number().optional(),
  whole: z.int().optional(),
  on: z.boolean().optional(),
  list: z.array(z.string()).optional(),
  map: z.record(z.string(), z.string()).optional(),
  entry: z.strictObject({ key: z.string() }).optional(),
  level: z.enum(['low', 'high']).optional(),
  own: z.string('must be the name of a provider').optional(),
});

function problemOf(value: unknown): string {
  try {
    parseOptions(schema, value, 'auth()');
    return 'none';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : '';
  }
}

describe('what parseOptions says of a wrong value', () => {
  it.each<[unknown, string]>([
    [{ name: 7 }, 'auth(): "name" must be a text'],
    [{ count: '7' }, 'auth(): "count" must be a number'],
    [{ whole: 0.5 }, 'auth(): "whole" must be a whole number'],
    [{ on: 'yes' }, 'auth(): "on" must be true or false'],
    [{ list: 'a,b' }, 'auth(): "list" must be a list'],
    [{ list: ['a', 1] }, 'auth(): "list.1" must be a text'],
    [{ map: [] }, 'auth(): "map" must be an object'],
    [{ entry: 'key' }, 'auth(): "entry" must be an object'],
    [{ entry: {} }, 'auth(): "entry.key" is missing: it must be a text'],
    [{ entry: { key: undefined } }, 'auth(): "entry.key" is missing: it must be a text'],
    [{ entry: { key: null } }, 'auth(): "entry.key" must be a text'],
    [{ level: 'medium' }, 'auth(): "level" must be one of "low", "high"'],
    [{ own: 7 }, 'auth(): "own" must be the name of a provider'],
    ['text', 'auth(): the options must be an object'],
    [undefined, 'auth(): the options must be an object'],
  ])('%j', (value, message) => {
    expect(problemOf(value)).toBe(message);
  });
});
