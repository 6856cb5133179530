import { describe, expect, it } from '@jest/globals';
import { InlinedMedia, needsMedia } from '../../src/attempt/inline-media.ts';
import { Cancellation } from '../../src/core/cancellation.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { ChatRequest, MediaSource } from '../../src/dialects/canonical.ts';
import type { MediaFetcher } from '../../src/upstream/fetch-media.ts';

const bytes = Buffer.from('picture');

function fetcher(maxBytes = 1_000): MediaFetcher & { readonly fetched: { url: string; maxBytes: number }[] } {
  const fetched: { url: string; maxBytes: number }[] = [];
  return {
    fetched,
    maxBytes,
    async load(media) {
      fetched.push({ url: media.url, maxBytes: media.maxBytes });
      if (bytes.length > media.maxBytes) throw new GatewayError('invalid_request');
      return { mediaType: 'image/png', bytes };
    },
  };
}

const url = (name: string): MediaSource => ({ kind: 'url', url: `https://example.com/${name}` });
const inlined = { kind: 'base64', mediaType: 'image/png', data: bytes.toString('base64') };

const request: ChatRequest = {
  model: 'm',
  stream: false,
  includeUsage: false,
  messages: [
    { role: 'system', parts: [{ type: 'text', text: 'https://example.com/not-media' }] },
    {
      role: 'user',
      parts: [
        { type: 'image', source: url('a'), detail: 'low' },
        { type: 'image', source: url('a') },
        { type: 'file', source: { kind: 'text', text: 'x' } },
        { type: 'image', source: { kind: 'base64', mediaType: 'image/gif', data: 'R0lG' } },
      ],
    },
    {
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: '1', content: [{ type: 'image', source: url('b') }] }],
    },
  ],
};

describe('InlinedMedia', () => {
  it('puts bytes in place of URLs, in messages and tool results, and fetches each URL once', async () => {
    const source = fetcher();
    const media = new InlinedMedia(source, new Cancellation());
    const before = structuredClone(request);
    const result = await media.inline(request, () => true);
    expect(request).toEqual(before);
    expect(result.messages[1]?.parts).toEqual([
      { type: 'image', source: inlined, detail: 'low' },
      { type: 'image', source: inlined },
      { type: 'file', source: { kind: 'text', text: 'x' } },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/gif', data: 'R0lG' } },
    ]);
    expect(result.messages[2]?.parts).toEqual([
      { type: 'tool-result', toolCallId: '1', content: [{ type: 'image', source: inlined }] },
    ]);
    await media.inline(request, () => true);
    expect(source.fetched.map((media) => media.url)).toEqual(['https://example.com/a', 'https://example.com/b']);
  });

  it('leaves alone what the target fetches itself', async () => {
    const source = fetcher();
    const needs = (media: MediaSource): boolean => media.kind === 'url' && media.url.endsWith('b');
    const result = await new InlinedMedia(source, new Cancellation()).inline(request, needs);
    expect(result.messages[1]).toEqual(request.messages[1]);
    expect(source.fetched).toHaveLength(1);
    expect(needsMedia(request, needs)).toBe(true);
    expect(needsMedia(request, () => false)).toBe(false);
  });

  it('counts the bytes of all URLs together', async () => {
    const source = fetcher(bytes.length + 2);
    await expect(new InlinedMedia(source, new Cancellation()).inline(request, () => true)).rejects.toThrow(
      GatewayError,
    );
    expect(source.fetched.map(({ maxBytes }) => maxBytes)).toEqual([bytes.length + 2, 2]);
  });

  it('fetches nothing for a request with more URLs than any provider reads', async () => {
    const source = fetcher();
    const parts = Array.from({ length: 21 }, (_, index) => ({ type: 'image' as const, source: url(String(index)) }));
    const many: ChatRequest = { ...request, messages: [{ role: 'user', parts }] };
    await expect(new InlinedMedia(source, new Cancellation()).inline(many, () => true)).rejects.toThrow('at most 20');
    expect(source.fetched).toEqual([]);
  });
});
