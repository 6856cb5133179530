import { describe, expect, it } from '@jest/globals';
import { sampleSchema } from '../../src/testing/speech/sample-schema.ts';

describe('sampleSchema', () => {
  it.each([
    [{ type: 'string' }, 'text'],
    [{ type: 'string', maxLength: 2 }, 'te'],
    [{ type: 'INTEGER', minimum: 5 }, 5],
    [{ type: 'number' }, 1],
    [{ type: 'boolean' }, true],
    [{ type: 'null' }, null],
    [{ type: ['null', 'integer'] }, 1],
    [{ enum: ['b', 'c'] }, 'b'],
    [{ const: 7 }, 7],
    [{}, 'text'],
    [{ anyOf: [{ type: 'boolean' }, { type: 'null' }] }, true],
    [{ type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
    [{ type: 'ARRAY', items: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } }, [{ a: 'text' }]],
    [{ properties: { a: { $ref: '#/$defs/word' } }, $defs: { word: { enum: ['x'] } } }, { a: 'x' }],
  ])('satisfies %j', (schema, value) => {
    expect(sampleSchema(schema, 'text')).toEqual(value);
  });

  it('comes to an end where a schema does not', () => {
    const endless = { type: 'object', properties: { next: { $ref: '#' } } };
    expect(JSON.stringify(sampleSchema(endless, 'text')).length).toBeLessThan(200);
  });
});
