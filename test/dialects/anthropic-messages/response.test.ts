import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatAnswer, Choice } from '../../../src/dialects/canonical.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

const { response, usage } = anthropicMessages();
const reply = { model: 'served', fallbackId: 'msg_fallback', created: 1, includeUsage: true };

function decode(content: readonly JsonObject[], rest: JsonObject = {}): ChatAnswer {
  const body = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content,
    stop_reason: 'end_turn',
    ...rest,
  };
  const decoded = response.decode(deepFreeze(body));
  if ('fault' in decoded) throw new Error('fault');
  return decoded.answer;
}

function encode(choice: Partial<Choice>): JsonObject {
  const choices = [{ index: 0, parts: [], finishReason: 'stop', ...choice } as const];
  return response.encode(deepFreeze({ id: '', model: 'm', choices }), reply);
}

describe('stop reasons', () => {
  const table = [
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['constructor', 'stop'],
  ] as const;
  for (const [raw, reason] of table) {
    it(`reads ${raw} as ${reason}`, () => {
      expect(decode([], { stop_reason: raw }).choices[0]).toMatchObject({ finishReason: reason, rawFinishReason: raw });
    });
  }

  it('says which sequence stopped the answer', () => {
    const answer = decode([], { stop_reason: 'stop_sequence', stop_sequence: 'END' });
    expect(answer.choices[0]).toMatchObject({ finishReason: 'stop', stopSequence: 'END' });
  });

  it('reads none as stop', () => {
    expect(decode([], { stop_reason: null }).choices[0]).toMatchObject({ finishReason: 'stop' });
  });
});

describe('content', () => {
  it('has no text and no thinking without anything in it', () => {
    const thinking = { type: 'thinking', thinking: '', signature: '' };
    expect(decode([{ type: 'text', text: '' }, thinking]).choices[0]?.parts).toEqual([]);
  });

  it('has thinking without a signature where the host gives none', () => {
    const parts = decode([{ type: 'thinking', thinking: 'Hm.', signature: '' }]).choices[0]?.parts;
    expect(parts).toEqual([{ type: 'reasoning', text: 'Hm.' }]);
  });
});

describe('usage', () => {
  it('counts cached tokens as part of the prompt', () => {
    const counts = {
      input_tokens: 10,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 30,
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 2 },
    };
    expect(usage.decode(counts)).toEqual({
      inputTokens: 60,
      outputTokens: 5,
      cacheReadTokens: 20,
      cacheWriteTokens: 30,
      reasoningTokens: 2,
    });
    expect(usage.encode({ inputTokens: 60, outputTokens: 5, cacheReadTokens: 20, cacheWriteTokens: 30 })).toMatchObject(
      {
        input_tokens: 10,
      },
    );
  });

  it('is none where a host counts nothing', () => {
    expect(usage.decode({})).toBeUndefined();
    expect(usage.decode({ input_tokens: null, output_tokens: -4 })).toBeUndefined();
  });

  it('never becomes negative for a caller', () => {
    expect(usage.encode({ inputTokens: 5, outputTokens: 1, cacheReadTokens: 20 })).toMatchObject({ input_tokens: 0 });
  });
});

describe('an answer for an Anthropic caller', () => {
  it('is a message, with the id of the gateway where the provider gave none', () => {
    expect(encode({ parts: [{ type: 'text', text: 'Hi' }] })).toEqual({
      id: 'msg_fallback',
      type: 'message',
      role: 'assistant',
      model: 'served',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  it('has no blocks without text, and no state of other providers', () => {
    const { content } = encode({
      parts: [
        { type: 'text', text: '' },
        { type: 'reasoning', text: 'shown', signature: { dialect: 'gemini', value: 'state' } },
        { type: 'reasoning', text: '', redacted: { dialect: 'openai-chat', value: 'state' } },
        { type: 'extension', dialect: 'gemini', data: { executableCode: {} } },
      ],
    });
    expect(content).toEqual([{ type: 'thinking', thinking: 'shown', signature: '' }]);
  });

  it('calls a tool without arguments when they broke off, and never with completed ones', () => {
    const { content } = encode({
      parts: [{ type: 'tool-call', id: 'a', name: 'run', arguments: '{"command":"rm -rf /tmp/x' }],
      finishReason: 'length',
    });
    expect(content).toEqual([{ type: 'tool_use', id: 'a', name: 'run', input: {} }]);
  });

  it('gives a refusal its reason and its text', () => {
    expect(encode({ parts: [{ type: 'refusal', text: 'No.' }] })).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: 'No.' },
    });
  });

  it('is empty where there is no choice', () => {
    const encoded = response.encode({ id: 'x', model: 'm', choices: [] }, reply);
    expect(encoded).toMatchObject({ content: [], stop_reason: 'end_turn' });
  });
});

describe('an answer that cannot be read', () => {
  it('is refused', () => {
    for (const content of ['Hi', [7], [{}], [{ type: 'text' }], [{ type: 'tool_use' }]]) {
      const body = { id: 'm', type: 'message', content };
      expect(() => response.decode(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
    }
  });
});
