import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { describeCorpus } from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { plainRequest, richRequest } from '../contract/samples.ts';
import { citySchema } from './samples.ts';

const plain = 'command-a-03-2025';
const thinking = 'command-a-reasoning-08-2025';

function encode(change: Partial<ChatRequest>, model = plain) {
  return cohereChat().request.encode(deepFreeze({ ...plainRequest, ...change }), { model });
}

function sent(change: Partial<ChatRequest>, model = plain): JsonObject {
  const { messages: _, model: __, ...rest } = encode(change, model).body;
  return rest;
}

function messages(...list: readonly Message[]) {
  return encode({ messages: list }).body.messages;
}

function say(role: Message['role'], ...parts: readonly (string | Part)[]): Message {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)) };
}

describe('what a Cohere provider is sent', () => {
  it('is one system message, and first, wherever the instructions stood', () => {
    expect(messages(say('system', 'A'), say('user', 'Hi'), say('developer', 'B'))).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
      { role: 'user', content: 'Hi' },
    ]);
  });

  it('is a user who says the instructions where nobody says anything else', () => {
    expect(messages(say('system', 'Sing.'))).toEqual([{ role: 'user', content: 'Sing.' }]);
  });

  it('is refused where there is nothing to say', () => {
    expect(() => messages(say('user', ''))).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400 }));
  });

  it('has one message per result, and leaves out turns without content', () => {
    const call: Part = { type: 'tool-call', id: 'a', name: 'f', arguments: '' };
    const results: Message = {
      role: 'tool',
      parts: [
        { type: 'tool-result', toolCallId: 'a', content: [{ type: 'text', text: 'one' }] },
        { type: 'tool-result', toolCallId: 'b', content: [] },
      ],
    };
    expect(messages(say('user', 'Hi'), say('assistant', '', call), results, say('user', ''))).toEqual([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      { role: 'tool', tool_call_id: 'b', content: '' },
    ]);
  });

  it('has earlier reasoning as thinking where the model thinks, beside calls as a plan, else not at all', () => {
    const thought: Part = { type: 'reasoning', text: 'Two calls.' };
    const call: Part = { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' };
    const calling = { messages: [say('user', 'Hi'), say('assistant', thought, call)] };
    const saying = { messages: [say('user', 'Hi'), say('assistant', thought, 'Yes')] };
    expect(encode(calling, thinking).body.messages).toMatchObject([{}, { content: [{ thinking: 'Two calls.' }] }]);
    expect(encode(calling).body.messages).toMatchObject([{}, { tool_plan: 'Two calls.' }]);
    expect(encode(saying, thinking)).toMatchObject({ dropped: [], body: { messages: [{}, { role: 'assistant' }] } });
    expect(encode(saying)).toMatchObject({
      dropped: ['reasoning_content'],
      body: { messages: [{}, { content: 'Yes' }] },
    });
  });

  it.each<[Partial<ChatRequest>, JsonObject, readonly string[]]>([
    [{ temperature: 1.7 }, { temperature: 1 }, ['temperature']],
    [{ topP: 1 }, { p: 0.99 }, []],
    [{ topP: 0 }, { p: 0.01 }, ['top_p']],
    [{ topK: 1000 }, { k: 500 }, ['top_k']],
    [{ presencePenalty: -1 }, { presence_penalty: 0 }, ['presence_penalty']],
    [{ frequencyPenalty: 2 }, { frequency_penalty: 1 }, ['frequency_penalty']],
    [{ seed: -1 }, {}, ['seed']],
    [{ stop: ['1', '2', '3', '4', '5', '6'] }, { stop_sequences: ['1', '2', '3', '4', '5'] }, ['stop']],
    [{ choiceCount: 1 }, {}, []],
    [{ logprobs: true, topLogprobs: 3 }, { logprobs: true }, ['top_logprobs']],
    [{ stream: true, includeUsage: true }, { stream: true }, []],
    [{ responseFormat: { type: 'json' } }, { response_format: { type: 'json_object' } }, []],
    [
      { responseFormat: { type: 'json-schema', name: 'city', strict: true, schema: citySchema } },
      { response_format: { type: 'json_object', json_schema: citySchema } },
      [],
    ],
  ])('of %j is %j', (change, expected, dropped) => {
    expect(sent(change)).toEqual(expected);
    expect(encode(change).dropped).toEqual(dropped);
  });

  it('is no format of the answer beside tools or documents, which rule it out', () => {
    const format = { responseFormat: { type: 'json' } } as const;
    expect(encode({ ...richRequest, ...format })).toMatchObject({
      dropped: expect.arrayContaining(['response_format']),
    });
    const documents = encode({ ...format, extensions: { 'cohere-chat': { documents: ['a'] } } });
    expect(documents).toMatchObject({ dropped: ['response_format'], body: { documents: ['a'] } });
    expect(documents.body).not.toHaveProperty('response_format');
  });

  it.each<[ChatRequest['reasoning'], JsonObject | undefined]>([
    [{ effort: 'none' }, { type: 'disabled' }],
    [{ enabled: false }, { type: 'disabled' }],
    [{ budgetTokens: 0 }, { type: 'disabled' }],
    [{ effort: 'low' }, { type: 'enabled', token_budget: 2048 }],
    [{ effort: 'high' }, { type: 'enabled' }],
    [
      { enabled: true, budgetTokens: 77 },
      { type: 'enabled', token_budget: 77 },
    ],
    [{ includeText: true }, undefined],
  ])('of reasoning %j is thinking %j, and nothing where the model does not think', (reasoning, expected) => {
    const change = { reasoning } as Partial<ChatRequest>;
    expect(sent(change, thinking).thinking).toEqual(expected);
    expect(sent(change)).toEqual({});
    const wished = expected !== undefined && expected.type === 'enabled';
    expect(encode(change).dropped).toEqual(wished ? ['reasoning_effort'] : []);
  });

  it('leaves half of the tokens for the answer when an effort bounds the thinking', () => {
    expect(sent({ reasoning: { effort: 'medium' }, maxOutputTokens: 1000 }, thinking)).toEqual({
      max_tokens: 1000,
      thinking: { type: 'enabled', token_budget: 500 },
    });
  });

  const f = { type: 'function', name: 'f' } as const;
  const g = { type: 'function', name: 'g', strict: true } as const;
  it.each<[Partial<ChatRequest>, readonly string[], JsonObject, readonly string[]]>([
    [{ toolChoice: { type: 'tool', name: 'g' } }, ['g'], { tool_choice: 'REQUIRED', strict_tools: true }, []],
    [{ toolChoice: { type: 'required' } }, ['f', 'g'], { tool_choice: 'REQUIRED' }, ['tools.function.strict']],
    [{ toolChoice: { type: 'required', names: ['f'] } }, ['f'], { tool_choice: 'REQUIRED' }, []],
    [{ toolChoice: { type: 'allowed', names: ['f'] } }, ['f'], {}, []],
    [{ toolChoice: { type: 'auto' } }, ['f', 'g'], {}, ['tools.function.strict']],
    [{ toolChoice: { type: 'none' } }, ['f', 'g'], { tool_choice: 'NONE' }, ['tools.function.strict']],
    [{ toolChoice: { type: 'tool', name: 'h' } }, [], {}, ['tool_choice']],
    [{ parallelToolCalls: false }, ['f', 'g'], {}, ['tools.function.strict', 'parallel_tool_calls']],
  ])('of tools with %j are %j', (change, names, rest, dropped) => {
    const { tools = [], ...others } = sent({ tools: [f, g], ...change });
    expect(Array.isArray(tools) ? tools.map((tool) => tool.function.name) : []).toEqual(names);
    expect(others).toEqual(rest);
    expect([...encode({ tools: [f, g], ...change }).dropped].sort()).toEqual([...dropped].sort());
  });

  it('has parameters of every tool, which are required', () => {
    expect(sent({ tools: [f] }).tools).toEqual([
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ]);
  });

  it('has texts of files, and nothing of what cannot be read', () => {
    const list = say(
      'user',
      { type: 'file', source: { kind: 'text', text: 'words' }, filename: 'a.txt' },
      { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data: 'bW9yZQ==' } },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' } },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
      { type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data: 'AAAA' } },
      { type: 'image', source: { kind: 'file-id', id: 'file_1' } },
    );
    expect(encode({ messages: [list] })).toMatchObject({
      body: {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a.txt\n\nwords' },
              { type: 'text', text: 'more' },
              { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AAAA' } },
            ],
          },
        ],
      },
      dropped: ['file', 'input_audio', 'image_url'],
    });
  });
});

describe('what a Cohere caller sends', () => {
  it('reaches other providers: a document of a tool as its JSON text, a plan as reasoning', () => {
    const request = cohereChat().request.decode(
      {
        model: 'any',
        messages: [
          { role: 'user', content: 'Hi' },
          {
            role: 'assistant',
            tool_plan: 'I look.',
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          {
            role: 'tool',
            tool_call_id: 'a',
            content: [{ type: 'document', document: { id: 'd', data: { output: '5' } } }],
          },
        ],
        p: 0.5,
        stop_sequences: ['END'],
      },
      {},
    );
    const openai = openaiChat({ reasoningHistory: 'reasoning_content' }).request.encode(request, { model: 'm' });
    expect(openai.body).toMatchObject({
      messages: [{}, { reasoning_content: 'I look.' }, { role: 'tool', tool_call_id: 'a', content: '{"output":"5"}' }],
      top_p: 0.5,
      stop: ['END'],
    });
    const anthropic = anthropicMessages().request.encode(request, { model: 'claude-sonnet-4-5' });
    expect(JSON.stringify(anthropic.body)).toContain('{\\"output\\":\\"5\\"}');
  });

  it('goes as it is to a model that takes it, and not where thinking would be refused', () => {
    const { passThrough } = cohereChat().request;
    const body = { model: thinking, messages: [{ role: 'user', content: 'Hi' }], thinking: { type: 'enabled' } };
    expect(passThrough(body, { model: thinking })).toEqual([]);
    expect(passThrough(body, { model: 'command-a-plus-05-2026' })).toEqual([['model', '"command-a-plus-05-2026"']]);
    expect(passThrough(body, { model: plain })).toBeUndefined();
    expect(passThrough({ ...body, fallback: [] }, { model: thinking })).toBeUndefined();
    const thought = { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.' }] };
    expect(passThrough({ model: 'x', messages: [thought] }, { model: plain })).toBeUndefined();
  });
});

const known = new Set([
  ...['model', 'messages', 'stream', 'tools', 'tool_choice', 'strict_tools', 'response_format', 'max_tokens'],
  ...[
    'stop_sequences',
    'temperature',
    'seed',
    'frequency_penalty',
    'presence_penalty',
    'k',
    'p',
    'logprobs',
    'thinking',
  ],
]);

describeCorpus('recorded requests of OpenAI callers', ['openai-chat', 'deepseek-chat', 'groq-chat'], (records) => {
  it.each([plain, thinking])('go to %s with nothing the API would not take', (model) => {
    for (const { file, request } of records.filter((record) => record.request !== undefined && record.status === 200)) {
      const body: JsonObject = deepFreeze(JSON.parse(request?.body ?? ''));
      // Audio alone cannot be said here.
      if (file === 'openai-chat/5eee16b9b0-json-misc.json') continue;
      const canonical = deepFreeze(openaiChat().request.decode(body, { model: 'from-the-path' }));
      const encoded = cohereChat().request.encode(canonical, { model });
      const unknown = Object.keys(encoded.body).filter((key) => !known.has(key));
      expect({ file, unknown }).toEqual({ file, unknown: [] });
    }
  });
});
