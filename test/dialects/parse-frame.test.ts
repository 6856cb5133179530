import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../src/dialects/canonical.ts';
import { dialects } from '../../src/dialects/index.ts';
import { parseFrame } from '../../src/dialects/parse-frame.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('parseFrame', () => {
  it.each(['{"a":[1,"x",null]}', '[]', '7', '"text"', 'null'])('reads %s', (data) => {
    expect(parseFrame(data)).toEqual(JSON.parse(data));
  });

  it.each(['', '{', '[DONE]', '{"a":1} {"b":2}', 'undefined'])('finds no JSON in %j', (data) => {
    expect(parseFrame(data)).toBeUndefined();
  });

  it('refuses what nests deeper than can be walked, measured outside of strings', () => {
    expect(parseFrame(nested(1000))).toBeDefined();
    expect(parseFrame(nested(1001))).toBeUndefined();
    expect(parseFrame(`[${Array.from({ length: 2000 }, () => '{"a":[]}').join()}]`)).toHaveLength(2000);
    expect(parseFrame(JSON.stringify({ text: `\\"${nested(2000)}` }))).toEqual({ text: `\\"${nested(2000)}` });
  });
});

describe.each(Object.entries(dialects))('a stream of %s', (name, dialect) => {
  // Bedrock's events are known by a header; the others are read without their names.
  const event = name === 'bedrock-converse' ? 'contentBlockStart' : undefined;

  it('is malformed, and breaks nothing, where a frame nests without end', () => {
    const out: ChatEvent[] = [];
    const decoder = dialect.stream.decoder();
    decoder.push({ event, data: `{"type":"content_block_start","candidates":${nested(200_000)}}` }, out);
    expect(out).toEqual([{ type: 'error', fault: expect.objectContaining({ kind: 'invalid_response' }) }]);
  });
});
