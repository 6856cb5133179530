import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRequestBody } from '../../src/wire/parse-request-body.ts';
import { scanJson } from '../../src/wire/scan-json.ts';
import { type Splice, spliceBody, spliceJson } from '../../src/wire/splice-json.ts';

function splice(text: string, splices: readonly Splice[]): string {
  const bytes = Buffer.from(text);
  return spliceJson(bytes, scanJson(bytes, 100).members, splices).toString();
}

describe('spliceJson', () => {
  it('replaces a value and keeps every other byte', () => {
    expect(splice('{ "model" : "a/b",\n "seed": 12345678901234567890, "x": 1.0 }', [['model', '"b"']])).toBe(
      '{ "model" : "b",\n "seed": 12345678901234567890, "x": 1.0 }',
    );
  });

  it.each([
    ['{"a":1,"b":2,"c":3}', 'a', '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', 'b', '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', 'c', '{"a":1,"b":2}'],
    ['{"a":1}', 'a', '{}'],
    ['{ "a" : {"a":[1,2]} , "b" : "},{" }', 'a', '{ "b" : "},{" }'],
  ])('removes from %s the member %s', (text, key, expected) => {
    expect(splice(text, [[key, undefined]])).toBe(expected);
  });

  it('appends a member that is not there, also to an empty object', () => {
    expect(splice('{"a":1}', [['b', '{"c":true}']])).toBe('{"a":1,"b":{"c":true}}');
    expect(splice('{}', [['b', '2']])).toBe('{"b":2}');
  });

  it('equals the same change made on the parsed value, for any object and any set of changes', () => {
    const keys = fc.constantFrom('a', 'b', 'model', 'stream', 'quo"te', 'back\\slash', '\u00e9', '');
    fc.assert(
      fc.property(
        fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })),
        fc.uniqueArray(fc.tuple(keys, fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined })), {
          selector: ([key]) => key,
        }),
        fc.constantFrom(undefined, 1, '\t'),
        (object, changes, indent) => {
          const expected: Record<string, unknown> = structuredClone(object);
          for (const [key, value] of changes) {
            if (value === undefined) delete expected[key];
            else expected[key] = value;
          }
          const splices = changes.map(
            ([key, value]): Splice => [key, value === undefined ? undefined : JSON.stringify(value)],
          );
          expect(JSON.parse(splice(JSON.stringify(object, null, indent), splices))).toEqual(
            JSON.parse(JSON.stringify(expected)),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('spliceBody', () => {
  it('works on the bytes where they were kept', () => {
    const body = parseRequestBody(Buffer.from('{ "a": 1.0, "model": "x" }'));
    expect(spliceBody(body, [['model', '"y"']]).toString()).toBe('{ "a": 1.0, "model": "y" }');
  });

  it('writes what the app has parsed: members replaced, removed and added', () => {
    const json = { model: 'x', stream: true, fallback: ['y'], 'a"b': [1, null] };
    const splices = [
      ['model', '"y"'],
      ['fallback', undefined],
      ['stream_options', '{"include_usage":true}'],
      ['options', undefined],
    ] as const;
    const text = spliceBody({ json }, splices).toString();
    expect(JSON.parse(text)).toEqual({
      model: 'y',
      stream: true,
      'a"b': [1, null],
      stream_options: { include_usage: true },
    });
    expect(Object.keys(JSON.parse(text))).toEqual(['model', 'stream', 'a"b', 'stream_options']);
  });
});
