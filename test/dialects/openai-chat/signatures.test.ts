import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { asArray, asObject } from '../../../src/core/json.ts';
import type { ChatAnswer, Part } from '../../../src/dialects/canonical.ts';
import { answerToEvents } from '../../../src/dialects/collect.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { wireEvents } from '../../support/corpus.ts';

/*
 * Opaque state of other providers goes to a caller of this dialect and comes back in the history of the next request,
 * byte for byte and at its place.
 */

const caller = openaiChat();
const reply = { model: 'm', fallbackId: 'f', created: 1, includeUsage: false };

const signed: readonly { readonly name: string; readonly parts: readonly Part[] }[] = [
  {
    name: "Anthropic's thinking, redacted thinking and thinking again before a call",
    parts: [
      { type: 'reasoning', text: 'One.', signature: { dialect: 'anthropic-messages', value: 'c2lnMQ==' } },
      { type: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'cmVk' } },
      { type: 'reasoning', text: 'Two.', signature: { dialect: 'anthropic-messages', value: 'c2lnMg==' } },
      { type: 'text', text: 'I look.' },
      { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"a":1}' },
    ],
  },
  {
    name: "Anthropic's thinking that is not shown",
    parts: [
      { type: 'reasoning', text: '', signature: { dialect: 'anthropic-messages', value: 'c2lnMw==' } },
      { type: 'text', text: 'Hi' },
    ],
  },
  {
    name: "Gemini's thoughts with a signed text",
    parts: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hi', signature: { dialect: 'gemini', value: 'dGV4dA==' } },
    ],
  },
  {
    name: "Gemini's signed empty text",
    parts: [{ type: 'text', text: '', signature: { dialect: 'gemini', value: 'ZW1wdHk=' } }],
  },
  {
    name: "Gemini's signed call beside an unsigned one",
    parts: [
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{}', signature: { dialect: 'gemini', value: 'Y2FsbA==' } },
      { type: 'tool-call', id: 'b', name: 'g', arguments: '{}' },
    ],
  },
  {
    name: 'reasoning that only another provider of this dialect can read',
    parts: [
      { type: 'reasoning', text: 'Sum.' },
      {
        type: 'reasoning',
        text: '',
        redacted: {
          dialect: 'openai-chat',
          value: '{"type":"reasoning.encrypted","data":"ZW5j","id":"rs_1","format":"openai-responses-v1"}',
        },
      },
      { type: 'text', text: 'Hi' },
    ],
  },
];

function answerOf(parts: readonly Part[]): ChatAnswer {
  return { id: 'a', model: 'm', choices: [{ index: 0, parts, finishReason: 'stop' }] };
}

/** The parts of an assistant's message that a caller sends back. */
function sentBack(message: JsonObject): readonly Part[] {
  const request = caller.request.decode({ model: 'm', messages: [message] }, {});
  return request.messages[0]?.parts ?? [];
}

function wholeMessage(parts: readonly Part[]): JsonObject {
  const body = caller.response.encode(answerOf(parts), reply);
  return asObject(asObject(asArray(body.choices)[0])?.message) ?? {};
}

/** What a client makes of a stream: texts joined, lists appended, calls put together by index. */
function streamedMessage(parts: readonly Part[]): JsonObject {
  const encoder = caller.stream.encoder(reply);
  const text = answerToEvents(answerOf(parts)).map((event) => encoder.encode(event));
  const message = { role: 'assistant', content: '', reasoning_content: '' };
  const details: unknown[] = [];
  const calls: { function: { arguments: string } }[] = [];
  for (const { data } of wireEvents([Buffer.from(text.join(''))])) {
    const delta = data === '[DONE]' ? {} : JSON.parse(data).choices[0].delta;
    message.content += delta.content ?? '';
    message.reasoning_content += delta.reasoning_content ?? '';
    details.push(...(delta.reasoning_details ?? []));
    for (const { index, ...call } of delta.tool_calls ?? []) {
      const known = calls[index];
      if (known === undefined) calls[index] = call;
      else known.function.arguments += call.function.arguments;
    }
  }
  return JSON.parse(
    JSON.stringify({ ...message, reasoning_details: details, ...(calls.length > 0 && { tool_calls: calls }) }),
  );
}

describe('opaque state', () => {
  for (const { name, parts } of signed) {
    it(`returns: ${name}, answered whole`, () => {
      expect(sentBack(wholeMessage(parts))).toEqual(parts);
    });

    it(`returns: ${name}, streamed`, () => {
      expect(sentBack(streamedMessage(parts))).toEqual(parts);
    });
  }

  it('returns in pieces, where a client kept the entries of a stream as they came', () => {
    const entry = { type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0 };
    const details = [
      { ...entry, text: 'Let ' },
      { ...entry, text: 'me.' },
      { ...entry, signature: 'c2ln' },
      { ...entry, index: 1, text: 'Then.', signature: 'c2lnMg==' },
    ];
    expect(sentBack({ role: 'assistant', content: 'Hi', reasoning_details: details })).toEqual([
      { type: 'reasoning', text: 'Let me.', signature: { dialect: 'anthropic-messages', value: 'c2ln' } },
      { type: 'reasoning', text: 'Then.', signature: { dialect: 'anthropic-messages', value: 'c2lnMg==' } },
      { type: 'text', text: 'Hi' },
    ]);
  });

  it('goes on to a provider that takes it, and to no other', () => {
    const openRouter = openaiChat({ reasoningHistory: 'reasoning', reasoningDetails: true });
    const [first] = signed;
    const request = caller.request.decode({ model: 'm', messages: [wholeMessage(first?.parts ?? [])] }, {});
    const [message] = asArray(openRouter.request.encode(request, { model: 'm' }).body.messages);
    expect(message).toMatchObject({
      reasoning: 'One.Two.',
      reasoning_details: [{ signature: 'c2lnMQ==' }, { data: 'cmVk' }, { signature: 'c2lnMg==' }],
    });
    const text = JSON.stringify(caller.request.encode(request, { model: 'gpt-4o' }).body);
    expect(text).not.toMatch(/reasoning|One|c2ln/);
  });

  it("gives Gemini's signature of a call to OpenRouter under the call's id", () => {
    const openRouter = openaiChat({ reasoningDetails: true });
    const parts = signed[4]?.parts ?? [];
    const request = caller.request.decode({ model: 'm', messages: [wholeMessage(parts)] }, {});
    const [message] = asArray(openRouter.request.encode(request, { model: 'm' }).body.messages);
    expect(asObject(message)?.reasoning_details).toEqual([
      { type: 'reasoning.encrypted', data: 'Y2FsbA==', id: 'a', format: 'google-gemini-v1' },
    ]);
  });
});
