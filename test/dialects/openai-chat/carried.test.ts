import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { asArray, asObject } from '../../../src/core/json.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { decodeWireEvents } from '../../support/corpus.ts';

/* What only this dialect knows, on its way through the canonical form and back. */

const dialect = openaiChat();
const user = { role: 'user', content: 'Hi' };
const shell = { id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls' } };

function again(body: JsonObject, model = 'gpt-4o') {
  return dialect.request.encode(dialect.request.decode({ model, ...body }, {}), { model });
}

function streamed(deltas: readonly JsonObject[], finishReason: string): JsonObject {
  const chunks = [
    ...deltas.map((delta) => ({ delta, finish_reason: null })),
    { delta: {}, finish_reason: finishReason },
  ];
  const events = decodeWireEvents(dialect.stream.decoder(), [
    ...chunks.map((choice) => ({
      event: undefined,
      data: JSON.stringify({ id: 'c', model: 'm', created: 1, choices: [{ index: 0, ...choice }] }),
    })),
    { event: undefined, data: '[DONE]' },
  ]);
  const reply = { model: 'm', fallbackId: 'f', created: 1, includeUsage: false };
  const body = dialect.response.encode(collectEvents(events), reply);
  return asObject(asArray(body.choices)[0]) ?? {};
}

describe('calls of custom tools', () => {
  it('stay in the history', () => {
    const messages = [user, { role: 'assistant', content: null, tool_calls: [shell] }];
    expect(again({ messages })).toEqual({ body: { model: 'gpt-4o', messages }, dropped: [] });
  });

  it('stay in answers', () => {
    const message = { role: 'assistant', content: null, tool_calls: [shell] };
    const decoded = dialect.response.decode({ id: 'c', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    if (!('answer' in decoded)) throw new Error('a fault');
    const reply = { model: 'm', fallbackId: 'f', created: 1, includeUsage: false };
    expect(dialect.response.encode(decoded.answer, reply).choices).toMatchObject([
      { message: { tool_calls: [shell] }, finish_reason: 'tool_calls' },
    ]);
  });

  it('stay in streams', () => {
    const piece = { index: 0, id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls' } };
    expect(streamed([{ role: 'assistant', tool_calls: [piece] }], 'tool_calls')).toMatchObject({
      message: { tool_calls: [{ id: 'call_1', custom: { input: 'ls' } }] },
      finish_reason: 'tool_calls',
    });
  });
});

describe('pieces of a streamed message that add up', () => {
  it('are one audio and one list of annotations in the end', () => {
    const choice = streamed(
      [
        { role: 'assistant', audio: { id: 'audio_1', transcript: 'Hel' } },
        { audio: { transcript: 'lo', data: 'QUJD' } },
        { audio: { data: 'REVG' }, annotations: [{ n: 1 }] },
        { audio: { expires_at: 9 }, annotations: [{ n: 2 }] },
      ],
      'stop',
    );
    expect(choice.message).toMatchObject({
      content: null,
      audio: { id: 'audio_1', transcript: 'Hello', data: 'QUJDREVG', expires_at: 9 },
      annotations: [{ n: 1 }, { n: 2 }],
    });
  });
});

describe('members beyond the grammar', () => {
  const cached = { cache_control: { type: 'ephemeral' } };
  const tolerant = openaiChat({ extraFields: 'all' });
  const body: JsonObject = {
    model: 'm',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Long.', ...cached }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, ...cached }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'ok', ...cached },
    ],
    tools: [{ type: 'function', function: { name: 'f', defer: true }, ...cached }],
  };

  it('go to providers that take them', () => {
    const request = tolerant.request.decode(body, {});
    expect(tolerant.request.encode(request, { model: 'm' })).toEqual({ body, dropped: [] });
  });

  it('are left out and reported for OpenAI, which refuses them', () => {
    const { body: sent, dropped } = dialect.request.encode(tolerant.request.decode(body, {}), { model: 'm' });
    expect(JSON.stringify(sent)).not.toContain('cache_control');
    expect([...dropped].sort()).toEqual(['messages.cache_control', 'tools.cache_control']);
  });

  it('hold the signature of a call where the provider takes it there', () => {
    const signature = { google: { thought_signature: 'c2ln' } };
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: signature };
    const messages = [{ role: 'assistant', content: null, tool_calls: [call] }];
    const request = tolerant.request.decode({ model: 'm', messages }, {});
    expect(tolerant.request.encode(request, { model: 'm' }).body.messages).toEqual(messages);
  });
});

describe('tools of other providers', () => {
  it('are left out and reported', () => {
    const request = dialect.request.decode({ model: 'm', messages: [user] }, {});
    const { body, dropped } = dialect.request.encode(
      {
        ...request,
        tools: [{ type: 'provider', dialect: 'anthropic-messages', data: { type: 'web_search_20250305' } }],
      },
      { model: 'm' },
    );
    expect(body.tools).toBeUndefined();
    expect(dropped).toEqual(['tools']);
  });
});

describe('refusals', () => {
  it('are read from content parts, too', () => {
    const content = [{ type: 'refusal', refusal: 'No.' }];
    const request = dialect.request.decode({ model: 'm', messages: [{ role: 'assistant', content }] }, {});
    expect(request.messages[0]?.parts).toEqual([{ type: 'refusal', text: 'No.' }]);
  });
});
