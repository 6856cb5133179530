import { describe, expect, it } from '@jest/globals';
import { cleanSchema, isRecursive } from '../../../src/dialects/anthropic-messages/schema.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { citySchema } from './samples.ts';

const clean = (schema: object) => cleanSchema(deepFreeze({ ...schema }));

describe('a schema within the limits', () => {
  const fine = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Fine',
    type: 'object',
    properties: {
      when: { type: 'string', format: 'date-time', pattern: '^\\d{4}' },
      kind: { enum: ['a', 'b'], default: 'a' },
      same: { const: 1 },
      any: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/part' }] },
      list: { type: 'array', items: { type: 'integer' }, minItems: 1 },
      minimum: { type: 'string', description: 'a property by the name of a keyword' },
    },
    $defs: { part: citySchema },
    required: ['when'],
    additionalProperties: false,
  };

  it('comes out as it is', () => {
    expect(clean(fine)).toEqual({ schema: fine, changed: false });
  });

  it('is not recursive', () => {
    expect(isRecursive(fine)).toBe(false);
  });
});

describe('a schema beyond the limits', () => {
  it('says in words what the API does not enforce', () => {
    const cleaned = clean({
      type: 'object',
      properties: {
        age: { type: 'integer', minimum: 0, maximum: 150 },
        name: { type: 'string', description: 'Full name', maxLength: 20 },
        tags: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 2 },
        color: { type: 'string', format: 'color', pattern: '^(?!red)' },
      },
      additionalProperties: false,
    });
    expect(cleaned).toEqual({
      changed: true,
      schema: {
        type: 'object',
        properties: {
          age: { type: 'integer', description: 'Limits: minimum 0, maximum 150' },
          name: { type: 'string', description: 'Full name\nLimits: maxLength 20' },
          tags: {
            type: 'array',
            items: { type: 'string', description: 'Limits: minLength 1' },
            description: 'Limits: minItems 2',
          },
          color: { type: 'string', description: 'Limits: format "color", pattern "^(?!red)"' },
        },
        additionalProperties: false,
      },
    });
  });

  it('is closed, wherever it describes an object', () => {
    const cleaned = clean({
      properties: { a: { type: 'object', properties: {}, additionalProperties: { type: 'string' } } },
      anyOf: [{ type: 'object', properties: {} }],
    });
    expect(cleaned).toEqual({
      changed: true,
      schema: {
        properties: { a: { type: 'object', properties: {}, additionalProperties: false } },
        anyOf: [{ type: 'object', properties: {}, additionalProperties: false }],
        additionalProperties: false,
      },
    });
  });

  it('that was open without saying so is closed without loss', () => {
    expect(clean({ type: 'object', properties: {} })).toMatchObject({ changed: false });
  });

  it('chooses by anyOf where it chose by oneOf', () => {
    expect(clean({ oneOf: [{ type: 'string' }] }).schema).toEqual({ anyOf: [{ type: 'string' }] });
  });

  it('is recursive when a definition leads back to itself', () => {
    const chain = {
      $defs: { a: { $ref: '#/$defs/b' }, b: { items: { $ref: '#/$defs/a' } }, c: { $ref: '#/$defs/a' } },
    };
    expect(isRecursive(chain)).toBe(true);
    expect(isRecursive({ definitions: { a: { properties: { next: { $ref: '#/definitions/a' } } } } })).toBe(true);
    expect(isRecursive({ items: { $ref: '#' } })).toBe(true);
    expect(isRecursive({ $defs: { a: {}, b: { $ref: '#/$defs/a' } }, items: { $ref: '#/$defs/b' } })).toBe(false);
  });
});
