import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { openaiChat } from '../../src/dialects/openai-chat/index.ts';
import { findProvider } from '../../src/providers/registry.ts';

const inbound = openaiChat();
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }];
const schema = { type: 'object', properties: { a: { type: 'string' } } };

/** An OpenAI request as the provider gets it, apart from model and messages, and what it does not get. */
function sent(target: string, fields: JsonObject) {
  const slash = target.indexOf('/');
  const provider = findProvider(target.slice(0, slash));
  if (provider === undefined) throw new Error(target);
  const messages = [
    { role: 'developer', content: 'Be brief.' },
    { role: 'user', name: 'ana', content: 'Hi' },
  ];
  const request = inbound.request.decode({ model: target, messages, ...fields }, {});
  const { body, dropped } = provider.dialect.request.encode(request, { model: target.slice(slash + 1) });
  const { model, messages: encoded, ...rest } = body;
  return { model, messages: encoded, rest, dropped };
}

describe('what each provider is sent of an OpenAI request', () => {
  it.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ['openai/gpt-4o', { max_tokens: 5 }, { max_completion_tokens: 5 }, []],
    ['openai/gpt-4o', { seed: 1, n: 2, logprobs: true }, { seed: 1, n: 2, logprobs: true }, []],
    ['openai/o3', { temperature: 0, max_tokens: 5 }, { max_completion_tokens: 5 }, ['temperature']],
    ['openai/gpt-5.4', { stream: true }, { stream: true, stream_options: { include_usage: true } }, []],

    ['mistral/mistral-large-latest', { max_completion_tokens: 5, seed: 1 }, { max_tokens: 5, random_seed: 1 }, []],
    ['mistral/mistral-large-latest', { stream: true }, { stream: true }, []],
    ['mistral/mistral-large-latest', { tools, tool_choice: 'required' }, { tools, tool_choice: 'any' }, []],
    ['mistral/mistral-large-latest', { logprobs: true, user: 'u' }, {}, ['logprobs', 'user']],
    ['mistral/mistral-large-latest', { safe_prompt: true }, { safe_prompt: true }, []],
    ['mistral/codestral-latest', { reasoning_effort: 'high' }, {}, ['reasoning_effort']],
    ['mistral/mistral-small-latest', { reasoning_effort: 'high' }, { reasoning_effort: 'high' }, []],

    ['groq/llama-3.1-8b-instant', { max_tokens: 5 }, { max_completion_tokens: 5 }, []],
    [
      'groq/llama-3.1-8b-instant',
      { n: 1, logit_bias: { '5': 1 }, top_logprobs: 2 },
      {},
      ['top_logprobs', 'logit_bias'],
    ],
    ['groq/llama-3.1-8b-instant', { n: 2 }, {}, ['n']],
    ['groq/llama-3.1-8b-instant', { reasoning_effort: 'low' }, {}, ['reasoning_effort']],
    ['groq/openai/gpt-oss-120b', { reasoning_effort: 'low' }, { reasoning_effort: 'low' }, []],
    ['groq/qwen/qwen3-32b', { reasoning_format: 'parsed' }, { reasoning_format: 'parsed' }, []],

    ['together/openai/gpt-oss-20b', { max_completion_tokens: 5, top_k: 3 }, { max_tokens: 5, top_k: 3 }, []],
    ['together/openai/gpt-oss-20b', { logprobs: true }, {}, ['logprobs']],

    ['deepseek/deepseek-flash', { max_completion_tokens: 5 }, { max_tokens: 5 }, []],
    ['deepseek/deepseek-flash', { seed: 1, n: 2 }, {}, ['seed', 'n']],
    [
      'deepseek/deepseek-flash',
      { response_format: { type: 'json_object' } },
      { response_format: { type: 'json_object' } },
      [],
    ],
    [
      'deepseek/deepseek-flash',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } },
      {},
      ['response_format'],
    ],
    ['deepseek/deepseek-flash', { reasoning_effort: 'none' }, { thinking: { type: 'disabled' } }, []],
    ['deepseek/deepseek-flash', { reasoning_effort: 'high' }, { reasoning_effort: 'high' }, []],

    [
      'xai/grok-4',
      { stop: 'END', max_tokens: 5, reasoning_effort: 'low' },
      { max_completion_tokens: 5 },
      ['stop', 'reasoning_effort'],
    ],
    [
      'xai/grok-3-mini',
      { reasoning_effort: 'low', presence_penalty: 1 },
      { reasoning_effort: 'low' },
      ['presence_penalty'],
    ],
    ['xai/grok-3', { stop: 'END', presence_penalty: 1 }, { stop: ['END'], presence_penalty: 1 }, []],
    ['xai/grok-4.3', { reasoning_effort: 'none' }, { reasoning_effort: 'none' }, []],
    [
      'xai/grok-4.20-0309-non-reasoning',
      { stop: 'END', reasoning_effort: 'low' },
      { stop: ['END'] },
      ['reasoning_effort'],
    ],

    ['openrouter/openai/gpt-oss-20b', { reasoning_effort: 'high' }, { reasoning: { effort: 'high' } }, []],
    ['openrouter/openai/gpt-oss-20b', { provider: { sort: 'price' } }, { provider: { sort: 'price' } }, []],

    [
      'perplexity/sonar',
      { seed: 1, reasoning_effort: 'high', stream: true },
      { stream: true },
      ['seed', 'reasoning_effort'],
    ],
    ['perplexity/sonar-deep-research', { reasoning_effort: 'high' }, { reasoning_effort: 'high' }, []],
    ['perplexity/sonar', { search_mode: 'academic' }, { search_mode: 'academic' }, []],

    [
      'cerebras/gpt-oss-120b',
      { max_tokens: 5, presence_penalty: 1, reasoning_effort: 'low' },
      { max_completion_tokens: 5, reasoning_effort: 'low' },
      ['presence_penalty'],
    ],

    [
      'fireworks/accounts/fireworks/models/glm-5',
      { top_k: 3, max_completion_tokens: 5 },
      { top_k: 3, max_tokens: 5 },
      [],
    ],

    ['zai/glm-4.7', { reasoning_effort: 'none', seed: 1 }, { thinking: { type: 'disabled' } }, ['seed']],
    ['zai/glm-5.2', { reasoning_effort: 'high', stream: true }, { reasoning_effort: 'high', stream: true }, []],

    ['nvidia/meta/llama-3.3-70b-instruct', { max_completion_tokens: 5, user: 'u' }, { max_tokens: 5 }, ['user']],

    ['cohere/command-a-03-2025', { top_p: 0.5, stop: 'END', user: 'u' }, { p: 0.5, stop_sequences: ['END'] }, ['user']],
    [
      'cohere/command-a-03-2025',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } },
      { response_format: { type: 'json_object', json_schema: schema } },
      [],
    ],

    ['hugging-face/openai/gpt-oss-120b', { max_completion_tokens: 5, user: 'u' }, { max_tokens: 5 }, ['user']],

    [
      'ollama/qwen3:4b',
      { max_completion_tokens: 5, seed: 1, top_k: 3, num_ctx: 8192 },
      { options: { num_predict: 5, seed: 1, top_k: 3, num_ctx: 8192 }, stream: false },
      [],
    ],
    ['ollama/qwen3:4b', { tools, tool_choice: 'required', n: 2 }, { tools, stream: false }, ['n', 'tool_choice']],
    [
      'ollama/gpt-oss',
      { reasoning_effort: 'low', response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } },
      { think: 'low', format: schema, stream: false },
      [],
    ],

    ['vllm/any', { max_tokens: 5, guided_json: schema }, { max_completion_tokens: 5, guided_json: schema }, []],
    ['openai-compatible/any', { max_completion_tokens: 5, extra: 1 }, { max_tokens: 5, extra: 1 }, []],
  ])('PT-17: %s with %j', (target, fields, expected, dropped) => {
    const { rest, dropped: left } = sent(target, fields);
    expect(rest).toEqual(expected);
    expect(left.filter((name) => name !== 'messages.name').sort()).toEqual([...dropped].sort());
  });

  it.each(['mistral', 'groq', 'together', 'deepseek', 'hugging-face', 'ollama', 'vllm', 'openai-compatible'])(
    '%s reads instructions under the role every server knows',
    (provider) => {
      const { messages, model } = sent(`${provider}/some/model`, {});
      expect(model).toBe('some/model');
      expect(messages).toMatchObject([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ]);
    },
  );

  it('groq and mistral get no names of messages, which they refuse', () => {
    for (const target of ['groq/openai/gpt-oss-20b', 'mistral/mistral-large-latest']) {
      const { messages, dropped } = sent(target, {});
      expect(JSON.stringify(messages)).not.toContain('ana');
      expect(dropped).toEqual(['messages.name']);
    }
    expect(JSON.stringify(sent('openai/gpt-4o', {}).messages)).toContain('ana');
  });
});
