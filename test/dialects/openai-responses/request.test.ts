import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { type OpenAIResponsesVariant, openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { plainRequest } from '../contract/samples.ts';

const hello: Message = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };

function encode(request: Partial<ChatRequest>, model = 'gpt-4.1', variant: OpenAIResponsesVariant = {}) {
  const whole = deepFreeze({ ...plainRequest, messages: [hello], ...request });
  return openaiResponses(variant).request.encode(whole, { model });
}

function input(...parts: readonly Part[]) {
  return encode({ messages: [{ role: 'assistant', parts }, hello] }).body.input;
}

describe('a request of another dialect', () => {
  it('keeps nothing at the provider unless the caller asks for that', () => {
    expect(encode({}).body).toMatchObject({ store: false });
    expect(encode({ extensions: { 'openai-chat': { store: true } } })).toMatchObject({
      body: { store: true },
      dropped: [],
    });
    expect(encode({}, 'm', { storing: false }).body).not.toHaveProperty('store');
  });

  it('asks for encrypted reasoning of models that reason, and of no others', () => {
    const include = ['reasoning.encrypted_content'];
    for (const model of ['o3-pro', 'gpt-5', 'gpt-5.1-codex', 'o4-mini-deep-research']) {
      expect(encode({}, model).body).toMatchObject({ include });
    }
    for (const model of ['gpt-4o', 'gpt-5-chat-latest', 'some-deployment']) {
      expect(encode({}, model).body).not.toHaveProperty('include');
    }
    // Whoever speaks of reasoning speaks to a model that does.
    expect(encode({ reasoning: { effort: 'low' } }, 'some-deployment').body).toMatchObject({ include });
  });

  it('says plainly that its functions are not strict', () => {
    const { body } = encode({ tools: [{ type: 'function', name: 'f' }] });
    expect(body.tools).toEqual([
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false },
    ]);
  });

  it('leaves out what a model refuses, and says so', () => {
    expect(encode({ temperature: 0.5, topP: 0.9 }, 'o3-pro').dropped).toEqual(['temperature', 'top_p']);
    expect(encode({ reasoning: { effort: 'low' } }, 'gpt-4o').dropped).toEqual(['reasoning_effort']);
    expect(encode({ reasoning: { enabled: false } }, 'gpt-4o').dropped).toEqual([]);
    expect(encode({ seed: 1, stop: ['a'], choiceCount: 2, topK: 3 }).dropped.toSorted()).toEqual([
      'n',
      'seed',
      'stop',
      'top_k',
    ]);
    expect(encode({ choiceCount: 1 }).dropped).toEqual([]);
  });

  it('raises a limit that is too low, and says so', () => {
    expect(encode({ maxOutputTokens: 5 })).toMatchObject({ body: { max_output_tokens: 16 }, dropped: ['max_tokens'] });
    expect(encode({ maxOutputTokens: 16 })).toMatchObject({ body: { max_output_tokens: 16 }, dropped: [] });
  });

  it("keeps what means the same in OpenAI's chat completions", () => {
    const own = { metadata: { a: 'b' }, service_tier: 'flex', verbosity: 'low', prompt_cache_key: 'k', logit_bias: {} };
    const { body, dropped } = encode({ extensions: { 'openai-chat': own } });
    expect(body).toMatchObject({
      metadata: { a: 'b' },
      service_tier: 'flex',
      prompt_cache_key: 'k',
      text: { verbosity: 'low' },
    });
    expect(dropped).toEqual(['logit_bias']);
  });

  it('turns budgets into efforts', () => {
    const effort = (budgetTokens: number) => encode({ reasoning: { budgetTokens } }, 'o3').body.reasoning;
    expect([1024, 8192, 32_000].map(effort)).toEqual([{ effort: 'low' }, { effort: 'medium' }, { effort: 'high' }]);
  });

  it('puts leading instructions where the provider wants them', () => {
    const messages: Message[] = [{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }, hello];
    expect(encode({ messages }).body).toMatchObject({ instructions: 'Be brief.', input: [{ role: 'user' }] });
    const { body } = encode({ messages }, 'm', { instructions: 'message' });
    expect(body).not.toHaveProperty('instructions');
    expect(body.input).toMatchObject([{ role: 'system', content: 'Be brief.' }, { role: 'user' }]);
  });

  it("goes without another provider's reasoning", () => {
    expect(
      input(
        { type: 'reasoning', text: 'Hm.', signature: { dialect: 'anthropic-messages', value: 'Eq' } },
        { type: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'Eq' } },
        { type: 'text', text: 'Yes.' },
      ),
    ).toEqual([
      { type: 'message', role: 'assistant', content: 'Yes.' },
      { type: 'message', role: 'user', content: 'Hello' },
    ]);
  });

  it('shortens ids of calls that are too long, those of results alike', () => {
    const long = 'call_'.padEnd(80, 'x');
    const { body } = encode({
      messages: [
        hello,
        { role: 'assistant', parts: [{ type: 'tool-call', id: long, name: 'f', arguments: '{}' }] },
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: long, content: [{ type: 'text', text: 'x' }] }] },
      ],
    });
    const [, call, result] = body.input as readonly { call_id: string }[];
    expect(call?.call_id).toMatch(/^call_\w{9}$/);
    expect(result?.call_id).toBe(call?.call_id);
  });

  it('refuses audio that is no data', () => {
    const parts: Part[] = [{ type: 'audio', source: { kind: 'url', url: 'https://a.example/a.wav' } }];
    expect(() => encode({ messages: [{ role: 'user', parts }] })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'messages' }),
    );
  });

  it('reports what only another dialect knows of a part', () => {
    const parts: Part[] = [
      { type: 'text', text: 'Hi', extensions: { 'anthropic-messages': { cache_control: { type: 'ephemeral' } } } },
      { type: 'extension', dialect: 'anthropic-messages', data: { type: 'search_result' } },
    ];
    expect(encode({ messages: [{ role: 'user', parts, name: 'somebody' }] }).dropped.toSorted()).toEqual([
      'messages.cache_control',
      'messages.content.search_result',
      'messages.name',
    ]);
  });
});

describe('a request of this dialect', () => {
  const { request } = openaiResponses();
  const decode = (members: object) => request.decode({ model: 'm', input: 'Hi', ...members }, {});

  it('reports nothing to other dialects that a translation gives anyway', () => {
    const decoded = decode({
      store: false,
      include: ['reasoning.encrypted_content', 'message.output_text.logprobs'],
      truncation: 'disabled',
      background: false,
      previous_response_id: null,
      stream_options: { include_obfuscation: false },
      reasoning: { effort: 'low', summary: 'auto' },
    });
    expect(decoded).not.toHaveProperty('extensions');
    expect(decoded).toMatchObject({ logprobs: true, reasoning: { effort: 'low', includeText: true } });
  });

  it('reports to them what they cannot give', () => {
    const decoded = decode({ store: true, truncation: 'auto', max_tool_calls: 3, reasoning: { summary: 'detailed' } });
    expect(decoded.extensions).toEqual({
      'openai-responses': { store: true, truncation: 'auto', max_tool_calls: 3, reasoning: { summary: 'detailed' } },
    });
  });

  it('takes one turn of the model from the items it is made of', () => {
    const decoded = decode({
      input: [
        { role: 'user', content: 'Hi' },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA+/==' },
        { type: 'message', role: 'assistant', content: 'I look.' },
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '' },
        { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: '1' },
        { type: 'function_call_output', call_id: 'b', output: '2' },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(decoded.messages.map(({ role, parts }) => [role, ...parts.map(({ type }) => type)])).toEqual([
      ['user', 'text'],
      ['assistant', 'reasoning', 'text', 'tool-call', 'tool-call'],
      ['tool', 'tool-result', 'tool-result'],
      ['user', 'text'],
    ]);
    expect(decoded.messages[1]?.parts[0]).toEqual({
      type: 'reasoning',
      text: '',
      redacted: { dialect: 'openai-responses', value: '{"id":"rs_1","summary":[],"encrypted_content":"gAAA+/=="}' },
    });
  });

  it('passes through only where the provider takes its members, and all of it where it cannot be translated', () => {
    const body = { model: 'alias', input: 'Hi', temperature: 0.5, fallback: 'x' };
    const splices = [
      ['fallback', undefined],
      ['model', '"gpt-4.1"'],
    ];
    expect(request.passThrough(body, { model: 'gpt-4.1' })).toEqual(splices);
    expect(request.passThrough(body, { model: 'o3' })).toBeUndefined();
    expect(request.passThrough({ ...body, a_new_member: 1 }, { model: 'gpt-4.1' })).toBeUndefined();
    const bound = { ...body, previous_response_id: 'resp_1', a_new_member: 1 };
    expect(request.passThrough(bound, { model: 'gpt-4.1' })).toEqual(splices);
  });
});
