import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { exampleCloud } from '../fixtures/providers/example-cloud.ts';

const page = readFileSync(new URL('../../docs/adding-a-provider.md', import.meta.url), 'utf8');
const source = readFileSync(new URL('../fixtures/providers/example-cloud.ts', import.meta.url), 'utf8');

describe('docs/adding-a-provider.md', () => {
  it('shows a file that compiles', () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(page)?.[1];
    expect(shown).toBe(
      source.replaceAll('../../../src/dialects/', '../dialects/').replace('../../../src/providers/', './'),
    );
  });

  it('shows a provider that reports what it leaves out', () => {
    const { body, dropped } = exampleCloud.dialect.request.encode(
      {
        model: 'm',
        messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
        maxOutputTokens: 10,
        seed: 1,
        stream: false,
        includeUsage: false,
      },
      { model: 'example-1' },
    );
    expect(body).toEqual({ model: 'example-1', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 10 });
    expect(dropped).toEqual(['seed']);
  });

  it('shows a provider whose streams may end without [DONE] and count reasoning apart', () => {
    const decoder = exampleCloud.dialect.stream.decoder();
    const events: Parameters<typeof decoder.push>[1] = [];
    const chunk = {
      id: 'c',
      model: 'example-1',
      choices: [{ index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: 2,
        completion_tokens: 1,
        total_tokens: 8,
        completion_tokens_details: { reasoning_tokens: 5 },
      },
    };
    decoder.push({ event: undefined, data: JSON.stringify(chunk) }, events);
    decoder.end(events);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'usage', usage: { inputTokens: 2, outputTokens: 6, reasoningTokens: 5 } }),
    );
    expect(events.at(-1)).toEqual({ type: 'done' });
  });
});
