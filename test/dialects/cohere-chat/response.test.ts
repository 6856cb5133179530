import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { replyFor } from '../contract/samples.ts';

const { response, usage } = cohereChat();

function answer(fields: JsonObject): JsonObject {
  return { id: 'a', message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] }, ...fields };
}

describe('a whole answer of a Cohere provider', () => {
  it.each([
    ['ERROR', 'server_error'],
    ['TIMEOUT', 'timeout'],
  ])('that ended with %s is a failure', (reason, kind) => {
    expect(response.decode(answer({ finish_reason: reason }))).toMatchObject({ fault: { kind } });
  });

  it('without a finish reason has ended by itself, with tool calls when it made some', () => {
    expect(response.decode(answer({}))).toMatchObject({ answer: { choices: [{ finishReason: 'stop' }] } });
    const message = { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f' } }] };
    expect(response.decode({ id: 'a', message })).toMatchObject({
      answer: { choices: [{ finishReason: 'tool_calls', parts: [{ type: 'tool-call', arguments: '{}' }] }] },
    });
  });

  it('counts what was billed only where nothing else is known', () => {
    const billed_units = { input_tokens: 5, output_tokens: 2 };
    expect(usage.decode({ billed_units })).toEqual({ inputTokens: 5, outputTokens: 2 });
    expect(usage.decode({ billed_units, tokens: { input_tokens: 500, output_tokens: 4 } })).toEqual({
      inputTokens: 500,
      outputTokens: 4,
    });
    expect(usage.decode({})).toBeUndefined();
    expect(usage.decode({ tokens: { input_tokens: -1 } })).toBeUndefined();
  });

  it('tells log probabilities in the words of OpenAI, a piece of several tokens as one', () => {
    const logprobs = [{ text: ' there', token_ids: [8, 9], logprobs: [-0.25, -1] }];
    expect(response.decode(answer({ finish_reason: 'COMPLETE', logprobs }))).toMatchObject({
      answer: {
        choices: [{ logprobs: { content: [{ token: ' there', logprob: -1.25, bytes: [...Buffer.from(' there')] }] } }],
      },
    });
  });
});

describe('a whole answer for a Cohere caller', () => {
  it('has log probabilities of other providers, and no usage where there is none', () => {
    const given = {
      id: '',
      model: 'm',
      choices: [
        {
          index: 0,
          parts: [{ type: 'text', text: 'Hi' }],
          finishReason: 'stop',
          stopSequence: 'END',
          logprobs: { content: [{ token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] }] },
        },
      ],
    } as const;
    expect(response.encode(given, replyFor(given))).toEqual({
      id: 'fallback-id',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
      finish_reason: 'STOP_SEQUENCE',
      logprobs: [{ text: 'Hi', token_ids: [], logprobs: [-0.5] }],
    });
  });

  it('is the first choice, and empty where there is none', () => {
    const none = { id: 'a', model: 'm', choices: [] };
    expect(response.encode(none, replyFor(none))).toEqual({
      id: 'a',
      message: { role: 'assistant', content: [] },
      finish_reason: 'COMPLETE',
    });
  });
});
