import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { toOpenApiSchema } from '../../../src/dialects/gemini/schema.ts';
import { fromOpenApiSchema } from '../../../src/dialects/gemini/schema-decode.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

const convert = (schema: JsonObject) => toOpenApiSchema(deepFreeze(schema));
const property = (schema: JsonObject) => convert({ type: 'object', properties: { p: schema } }).properties;

describe('the OpenAPI subset of a JSON Schema', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['drops keywords it has not', { type: 'string', $comment: 'x', default: 'a', examples: ['a'] }, { type: 'string' }],
    ['keeps limits', { type: 'string', minLength: 1, pattern: '^a' }, { type: 'string', minLength: 1, pattern: '^a' }],
    ['turns const into enum', { const: 'a' }, { type: 'string', enum: ['a'] }],
    [
      'names numbers in the description',
      { type: 'integer', enum: [1, 2] },
      { type: 'integer', description: 'One of: 1, 2.' },
    ],
    ['drops empty words of an enum', { type: 'string', enum: ['', 'a'] }, { type: 'string', enum: ['a'] }],
    ['turns null types into nullable', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    [
      'turns several types into anyOf',
      { type: ['string', 'integer', 'null'] },
      {
        anyOf: [
          { type: 'string', nullable: true },
          { type: 'integer', nullable: true },
        ],
      },
    ],
    [
      'puts one alternative and null together',
      { anyOf: [{ type: 'integer' }, { type: 'null' }], description: 'd' },
      { type: 'integer', description: 'd', nullable: true },
    ],
    [
      'turns oneOf into anyOf',
      { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    ],
    ['keeps the formats it has', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    ['drops other formats', { type: 'string', format: 'uri' }, { type: 'string' }],
    ['gives arrays items', { type: 'array' }, { type: 'array', items: { type: 'string' } }],
    ['takes the first of a tuple', { prefixItems: [{ type: 'number' }] }, { type: 'array', items: { type: 'number' } }],
    [
      'drops required names that are no property',
      { properties: { a: {} }, required: ['a', 'b'] },
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    ],
    [
      'merges allOf',
      {
        allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
        properties: { b: { type: 'number' } },
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a'] },
    ],
  ])('%s', (_, schema, expected) => {
    expect(property(schema)).toEqual({ p: expected });
  });

  it('puts references in place and cuts recursion', () => {
    const schema = {
      type: 'object',
      properties: { root: { $ref: '#/$defs/node', description: 'the root' } },
      $defs: {
        node: { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/$defs/node' } } },
      },
    };
    expect(convert(schema)).toEqual({
      type: 'object',
      properties: {
        root: {
          type: 'object',
          description: 'the root',
          properties: { name: { type: 'string' }, next: { type: 'object' } },
        },
      },
    });
  });

  it('cuts recursion inside allOf', () => {
    const node = {
      type: 'object',
      properties: { name: { type: 'string' }, next: { allOf: [{ $ref: '#/$defs/node' }] } },
    };
    expect(convert({ allOf: [{ $ref: '#/$defs/node' }], $defs: { node } })).toEqual({
      type: 'object',
      properties: { name: { type: 'string' }, next: { type: 'object' } },
    });
  });

  it('survives a schema that is nested deeply', () => {
    let schema: JsonObject = { type: 'string' };
    for (let level = 0; level < 3000; level += 1) schema = { type: 'object', properties: { a: schema } };
    expect(JSON.stringify(toOpenApiSchema(schema)).length).toBeLessThan(10_000);
  });

  it('survives definitions that multiply', () => {
    const levels = Array.from({ length: 40 }, (_, level) => level);
    const $defs = Object.fromEntries(
      levels.map((level) => {
        const next = { $ref: `#/$defs/d${level + 1}` };
        return [`d${level}`, { type: 'object', properties: { a: next, b: next } }];
      }),
    );
    const size = JSON.stringify(convert({ $ref: '#/$defs/d0', $defs })).length;
    expect(size).toBeLessThan(1_000_000);
  });

  it.each(['#/nowhere', 'https://example.com/schema', '#/$defs/__proto__', '#'])(
    'survives a reference to %s',
    ($ref) => {
      expect(property({ $ref })).toEqual({ p: expect.objectContaining({ type: 'object' }) });
    },
  );
});

describe('JSON Schema of the OpenAPI subset', () => {
  it('has types in lower case and null as a type', () => {
    expect(
      fromOpenApiSchema({
        type: 'OBJECT',
        properties: {
          a: { type: 'STRING', nullable: true },
          b: { type: 'ARRAY', items: { type: 3 } },
          c: { anyOf: [{ type: 'NUMBER' }] },
        },
      }),
    ).toEqual({
      type: 'object',
      properties: {
        a: { type: ['string', 'null'] },
        b: { type: 'array', items: { type: 'integer' } },
        c: { anyOf: [{ type: 'number' }] },
      },
    });
  });
});
