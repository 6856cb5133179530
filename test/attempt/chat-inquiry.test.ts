import { describe, expect, it } from '@jest/globals';
import { ChatInquiry } from '../../src/attempt/chat-inquiry.ts';
import { Cancellation } from '../../src/core/cancellation.ts';
import { dialectOf } from '../../src/dialects/index.ts';
import { createPlanner } from '../../src/providers/planner.ts';
import type { Target } from '../../src/providers/provider.ts';
import type { MediaFetcher } from '../../src/upstream/fetch-media.ts';

const planner = createPlanner({
  providers: { openai: { apiKey: 'key-of-openai' }, gemini: { apiKey: 'key-of-gemini' } },
  models: undefined,
  environment: {},
});

function target(model: string): Target {
  const found = planner.plan(model, [])[0]?.targets[0];
  if (found === undefined) throw new Error(model);
  return found;
}

const body = {
  json: {
    model: 'x',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }],
  },
};

function inquiry(media?: MediaFetcher): ChatInquiry {
  const call = { origin: {}, stream: false, cancellation: new Cancellation(), allowance: undefined };
  return new ChatInquiry({ call, body, dialect: dialectOf('openai-chat'), includeUsage: false, media });
}

const media: MediaFetcher = {
  maxBytes: 100,
  load: async () => ({ mediaType: 'image/png', bytes: Buffer.from('pic') }),
};

describe('ChatInquiry', () => {
  it('fetches a picture for a target that needs its bytes', async () => {
    const outgoing = await inquiry(media).prepare(target('gemini-2.0-flash'));
    expect(JSON.parse(outgoing.body.toString())).toMatchObject({
      contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: Buffer.from('pic').toString('base64') } }] }],
    });
  });

  it.each(['gemini-2.5-pro', 'gpt-4o'])('leaves the URL to %s, which fetches by itself', async (model) => {
    const never: MediaFetcher = { maxBytes: 1, load: () => Promise.reject(new Error('fetched')) };
    const outgoing = await inquiry(never).prepare(target(model));
    expect(outgoing.body.toString()).toContain('https://example.com/a.png');
  });

  it('refuses the URL where nobody fetches', () => {
    expect(() => inquiry().prepare(target('gemini-2.0-flash'))).toThrow('cannot fetch this URL');
  });
});
