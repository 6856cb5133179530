import { describe, expect, it } from '@jest/globals';
import { asArray, type JsonObject } from '../../../src/core/json.ts';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { type OpenAIChatVariant, openaiChat } from '../../../src/dialects/openai-chat/index.ts';

const plain: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  stream: false,
  includeUsage: false,
};

const tools: ChatRequest['tools'] = [
  { type: 'function', name: 'f', strict: true },
  { type: 'function', name: 'g' },
];

function encode(request: Partial<ChatRequest>, variant: OpenAIChatVariant = {}, model = 'm') {
  const { body, dropped } = openaiChat(variant).request.encode({ ...plain, ...request }, { model });
  const { model: _model, messages, ...rest } = body;
  return { messages: asArray(messages), rest, dropped };
}

function decode(body: JsonObject, variant: OpenAIChatVariant = {}): ChatRequest {
  return openaiChat(variant).request.decode({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...body }, {});
}

describe('parameters by model', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['gpt-4o', { max_completion_tokens: 9, temperature: 0.5 }, []],
    ['o3-mini', { max_completion_tokens: 9 }, ['temperature']],
    ['gpt-5', { max_completion_tokens: 9 }, ['temperature']],
    ['gpt-5-mini-2025-08-07', { max_completion_tokens: 9 }, ['temperature']],
    ['gpt-5-chat-latest', { max_completion_tokens: 9, temperature: 0.5 }, []],
    ['gpt-5.2', { max_completion_tokens: 9, temperature: 0.5 }, []],
  ])('PT-17: OpenAI gets of limit and temperature for %s: %j', (model, expected, dropped) => {
    const { rest, dropped: left } = encode({ maxOutputTokens: 9, temperature: 0.5 }, {}, model);
    expect(rest).toEqual(expected);
    expect(left).toEqual(dropped);
  });

  it('adds up what several rules refuse, and lets later rules win', () => {
    const variant: OpenAIChatVariant = {
      modelRules: [
        { models: /^a/, refuses: ['seed'], maxTokensFields: ['max_tokens'] },
        { models: /b$/, refuses: ['stop'], maxTokensFields: ['max_completion_tokens'] },
      ],
    };
    const { rest, dropped } = encode({ seed: 1, stop: ['x'], maxOutputTokens: 5 }, variant, 'ab');
    expect(rest).toEqual({ max_completion_tokens: 5 });
    expect(dropped).toEqual(['seed', 'stop']);
  });

  it('takes instructions to models that know no such role for words of the user', () => {
    const messages: Message[] = [{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }];
    expect(encode({ messages }, {}, 'o1-mini').messages).toEqual([{ role: 'user', content: 'Be brief.' }]);
    expect(encode({ messages }, { instructionRoles: 'system' }).messages).toEqual([
      { role: 'system', content: 'Be brief.' },
    ]);
  });
});

describe('reasoning parameters', () => {
  it.each<[ChatRequest['reasoning'], OpenAIChatVariant, JsonObject, readonly string[]]>([
    [{ effort: 'high' }, {}, { reasoning_effort: 'high' }, []],
    [{ enabled: false }, {}, { reasoning_effort: 'none' }, []],
    [{ budgetTokens: 1024 }, {}, { reasoning_effort: 'low' }, []],
    [{ budgetTokens: 10_000, enabled: true }, {}, { reasoning_effort: 'medium' }, []],
    [{ budgetTokens: 32_000 }, {}, { reasoning_effort: 'high' }, []],
    [{ effort: 'low' }, { reasoningParameter: 'none' }, {}, ['reasoning_effort']],
    [{ enabled: false }, { reasoningParameter: 'none' }, {}, []],
    [{ effort: 'low' }, { parameters: [] }, {}, ['reasoning_effort']],
    [
      { budgetTokens: 2000, includeText: false },
      { parameters: 'all', reasoningParameter: 'object' },
      { reasoning: { max_tokens: 2000, exclude: true } },
      [],
    ],
    [
      { effort: 'low', enabled: true },
      { parameters: 'all', reasoningParameter: 'object' },
      { reasoning: { effort: 'low', enabled: true } },
      [],
    ],
    [{ enabled: true }, { parameters: 'all', reasoningParameter: 'thinking' }, { thinking: { type: 'enabled' } }, []],
    [{ enabled: false }, { parameters: 'all', reasoningParameter: 'thinking' }, { thinking: { type: 'disabled' } }, []],
  ])('%j with %j becomes %j', (reasoning, variant, expected, dropped) => {
    const { rest, dropped: left } = encode(reasoning === undefined ? {} : { reasoning }, variant);
    expect(rest).toEqual(expected);
    expect(left).toEqual(dropped);
  });

  it.each<[JsonObject, ChatRequest['reasoning']]>([
    [{ reasoning_effort: 'minimal' }, { effort: 'minimal' }],
    [{ reasoning_effort: 'none' }, { enabled: false, effort: 'none' }],
    [{ reasoning: { max_tokens: 500, exclude: true } }, { budgetTokens: 500, includeText: false }],
    [{ reasoning: { enabled: true } }, { enabled: true }],
    [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { enabled: true, budgetTokens: 2048 }],
    [{ thinking: { type: 'disabled' } }, { enabled: false }],
    [{ include_reasoning: false }, { includeText: false }],
    [{}, undefined],
  ])('%j is read as %j', (body, expected) => {
    expect(decode(body).reasoning).toEqual(expected);
  });
});

describe('tool choice', () => {
  const choose = (toolChoice: NonNullable<ChatRequest['toolChoice']>, variant: OpenAIChatVariant = {}) => {
    const { rest } = encode({ ...(tools && { tools }), toolChoice }, variant);
    const names = asArray(rest.tools).map((tool) => JSON.parse(JSON.stringify(tool)).function.name);
    return { choice: rest.tool_choice, names };
  };
  const mistral: OpenAIChatVariant = { requiredToolChoice: 'any', allowedTools: false };
  const stringsOnly: OpenAIChatVariant = { namedToolChoice: false, allowedTools: false };

  it('has the form the provider knows', () => {
    const named = { type: 'function', function: { name: 'g' } };
    const allowed = (mode: string) => ({ type: 'allowed_tools', allowed_tools: { mode, tools: [named] } });
    expect(choose({ type: 'required' })).toEqual({ choice: 'required', names: ['f', 'g'] });
    expect(choose({ type: 'required' }, mistral)).toEqual({ choice: 'any', names: ['f', 'g'] });
    expect(choose({ type: 'tool', name: 'g' })).toEqual({ choice: named, names: ['f', 'g'] });
    expect(choose({ type: 'tool', name: 'g' }, stringsOnly)).toEqual({ choice: 'required', names: ['g'] });
    expect(choose({ type: 'allowed', names: ['g'] })).toEqual({ choice: allowed('auto'), names: ['f', 'g'] });
    expect(choose({ type: 'allowed', names: ['g'] }, mistral)).toEqual({ choice: 'auto', names: ['g'] });
    expect(choose({ type: 'required', names: ['g'] })).toEqual({ choice: allowed('required'), names: ['f', 'g'] });
    expect(choose({ type: 'required', names: ['g'] }, mistral)).toEqual({ choice: 'any', names: ['g'] });
    expect(choose({ type: 'none' }, mistral)).toEqual({ choice: 'none', names: ['f', 'g'] });
  });

  it('is read in all its forms', () => {
    const choice = (value: JsonObject | string) => decode({ tool_choice: value }).toolChoice;
    const named = { type: 'function', function: { name: 'f' } };
    expect(choice('any')).toEqual({ type: 'required' });
    expect(choice({ type: 'function', name: 'f' })).toEqual({ type: 'tool', name: 'f' });
    expect(choice({ function: { name: 'f' } })).toEqual({ type: 'tool', name: 'f' });
    expect(choice({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named] } })).toEqual({
      type: 'allowed',
      names: ['f'],
    });
    expect(decode({ tool_choice: { type: 'custom', custom: { name: 'c' } } }).extensions).toEqual({
      'openai-chat': { tool_choice: { type: 'custom', custom: { name: 'c' } } },
    });
  });

  it('that demands a call without tools is reported', () => {
    expect(encode({ toolChoice: { type: 'required' } })).toMatchObject({ rest: {}, dropped: ['tool_choice'] });
    expect(encode({ toolChoice: { type: 'auto' }, parallelToolCalls: true })).toMatchObject({ rest: {}, dropped: [] });
  });

  it('leaves strictness out where it is not known', () => {
    const { rest } = encode({ ...(tools && { tools }) }, { strictTools: false });
    expect(JSON.stringify(rest.tools)).not.toContain('strict');
  });
});

describe('messages', () => {
  const call: Part = { type: 'tool-call', id: 'call_with_a_long_id', name: 'f', arguments: '{}' };
  const nine: OpenAIChatVariant = { toolCallIds: 'nine-alphanumerics' };

  it('have ids of nine letters and digits where the provider wants that, in calls and results alike', () => {
    const result = (toolCallId: string): Message => ({
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId, content: [{ type: 'text', text: 'ok' }] }],
    });
    const kept: Part = { ...call, id: 'abcDEF123' };
    const messages: Message[] = [
      { role: 'assistant', parts: [call, kept] },
      result('call_with_a_long_id'),
      result('abcDEF123'),
    ];
    const wire = JSON.parse(JSON.stringify(encode({ messages }, nine).messages));
    const [first, second] = wire[0].tool_calls;
    expect(first.id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(second.id).toBe('abcDEF123');
    expect(wire.slice(1).map((message: JsonObject) => message.tool_call_id)).toEqual([first.id, second.id]);
    expect(JSON.parse(JSON.stringify(encode({ messages }, nine).messages))).toEqual(wire);
  });

  it('move images of tool results into a message of the user, after all results of the turn', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AA==' } };
    const messages: Message[] = [
      { role: 'assistant', parts: [call, { ...call, id: 'b' }] },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', toolCallId: 'a', content: [{ type: 'text', text: 'see' }, image] },
          { type: 'tool-result', toolCallId: 'b', content: [{ type: 'text', text: 'ok' }] },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'So?' }] },
    ];
    const url = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
    expect(encode({ messages }).messages.slice(1)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'see' },
      { role: 'tool', tool_call_id: 'b', content: 'ok' },
      { role: 'user', content: [url] },
      { role: 'user', content: 'So?' },
    ]);
    expect(encode({ messages }, { toolResultMedia: true }).messages[1]).toMatchObject({
      content: [{ type: 'text', text: 'see' }, url],
    });
  });

  it('carry earlier reasoning in the form the provider takes', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'text', text: 'Hi' },
        ],
      },
    ];
    const [history] = encode({ messages }, { reasoningHistory: 'reasoning_content' }).messages;
    expect(history).toEqual({ role: 'assistant', content: 'Hi', reasoning_content: 'Hm.' });
    const [thinking] = encode({ messages }, { reasoningHistory: 'thinking-parts' }).messages;
    expect(thinking).toEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
        { type: 'text', text: 'Hi' },
      ],
    });
    expect(encode({ messages }).messages).toEqual([{ role: 'assistant', content: 'Hi' }]);
  });

  it('hold a place for reasoning in turns with calls where DeepSeek wants one', () => {
    const deepseek: OpenAIChatVariant = { reasoningHistory: 'reasoning_content', reasoningParameter: 'thinking' };
    const messages: Message[] = [{ role: 'assistant', parts: [call] }];
    expect(encode({ messages }, deepseek).messages[0]).toMatchObject({ reasoning_content: '' });
  });

  it('join texts where content must be one, and refuse what is no text', () => {
    const texts: Message = {
      role: 'user',
      parts: [
        { type: 'text', text: 'A' },
        { type: 'text', text: 'B' },
      ],
    };
    const image: Message = { role: 'user', parts: [{ type: 'image', source: { kind: 'url', url: 'https://x/y' } }] };
    const variant: OpenAIChatVariant = { content: 'string' };
    expect(encode({ messages: [texts] }, variant).messages).toEqual([{ role: 'user', content: 'A\nB' }]);
    expect(() => encode({ messages: [image] }, variant)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'messages' }),
    );
  });

  it.each<[string, Part]>([
    ['a file by URL', { type: 'file', source: { kind: 'url', url: 'https://x/y.pdf' } }],
    ['an image by id', { type: 'image', source: { kind: 'file-id', id: 'f1' } }],
    ['audio by URL', { type: 'audio', source: { kind: 'url', url: 'https://x/y.mp3' } }],
  ])('refuse %s, for which there is no form', (_what, part) => {
    expect(() => encode({ messages: [{ role: 'user', parts: [part] }] })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', status: 400 }),
    );
  });

  it('tell a refusal as text where there is no member for it', () => {
    const messages: Message[] = [{ role: 'assistant', parts: [{ type: 'refusal', text: 'No.' }] }];
    expect(encode({ messages }, { extraFields: [] }).messages).toEqual([{ role: 'assistant', content: 'No.' }]);
  });

  it('report parts and members of other dialects that stay behind', () => {
    const messages: Message[] = [
      {
        role: 'user',
        name: 'ana',
        parts: [
          { type: 'text', text: 'Hi', extensions: { 'anthropic-messages': { cache_control: { type: 'ephemeral' } } } },
          { type: 'extension', dialect: 'anthropic-messages', data: { type: 'search_result' } },
        ],
      },
    ];
    const { dropped, messages: wire } = encode({ messages }, { extraFields: [] });
    expect(wire).toEqual([{ role: 'user', content: 'Hi' }]);
    expect([...dropped].sort()).toEqual(['messages.cache_control', 'messages.content.search_result', 'messages.name']);
  });

  it('are read with their media, however it is written', () => {
    const content = [
      { type: 'image_url', image_url: 'data:image/jpeg;base64,AA==' },
      { type: 'image_url', image_url: { url: 'data:,x' } },
      { type: 'file', file: { file_data: 'JVBERi0=', filename: 'a.pdf' } },
      { type: 'document_url', document_url: 'https://x/y.pdf' },
      'text',
    ];
    expect(decode({ messages: [{ role: 'user', content }] }).messages[0]?.parts).toEqual([
      { type: 'image', source: { kind: 'base64', mediaType: 'image/jpeg', data: 'AA==' } },
      { type: 'image', source: { kind: 'url', url: 'data:,x' } },
      {
        type: 'file',
        source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
        filename: 'a.pdf',
      },
      { type: 'extension', dialect: 'openai-chat', data: { type: 'document_url', document_url: 'https://x/y.pdf' } },
      { type: 'text', text: 'text' },
    ]);
  });

  it('drop an empty text beside calls, which says nothing', () => {
    const toolCalls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }];
    const messages = [{ role: 'assistant', content: '', tool_calls: toolCalls }];
    expect(decode({ messages }).messages[0]?.parts).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{}' },
    ]);
  });
});

describe('the rest of a request', () => {
  it('never goes to a provider where it speaks to the gateway', () => {
    const own = { fallback: 'x', fallbacks: ['x'], models: ['x'], options: { max_latency_ms: 5 } };
    expect(decode(own).extensions).toBeUndefined();
  });

  it('goes where it is known, and is reported where it is not', () => {
    const request = decode({ store: true, metadata: { a: 'b' }, custom: 1 });
    expect(openaiChat().request.encode(request, { model: 'gpt-4o' })).toMatchObject({
      body: { store: true, metadata: { a: 'b' } },
      dropped: ['custom'],
    });
    expect(openaiChat({ parameters: 'all' }).request.encode(request, { model: 'm' }).body).toMatchObject({ custom: 1 });
  });

  it('never replaces what the request says itself', () => {
    const extensions = { 'openai-chat': { model: 'evil', messages: [], temperature: 9 } };
    const { rest, messages } = encode({ temperature: 0.1, extensions });
    expect(rest).toEqual({ temperature: 0.1 });
    expect(messages).toHaveLength(1);
  });

  it('takes a key named __proto__ for what it is: a key', () => {
    const body = JSON.parse('{"__proto__":{"polluted":true},"model":"m","messages":[{"role":"user","content":"Hi"}]}');
    const request = openaiChat().request.decode(body, {});
    expect('polluted' in request).toBe(false);
    expect(openaiChat({ parameters: 'all' }).request.encode(request, { model: 'm' }).body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
    });
  });

  it('asks for usage in every stream where it can be asked for, keeping other options', () => {
    const stream = { stream: true, extensions: { 'openai-chat': { stream_options: { include_obfuscation: false } } } };
    expect(encode(stream).rest).toEqual({
      stream: true,
      stream_options: { include_obfuscation: false, include_usage: true },
    });
    expect(encode(stream, { streamOptions: false }).rest).toEqual({ stream: true });
  });

  it('sends n of one only where n is known', () => {
    expect(encode({ choiceCount: 1 }, { parameters: [] })).toMatchObject({ rest: {}, dropped: [] });
    expect(encode({ choiceCount: 2 }, { parameters: [] })).toMatchObject({ rest: {}, dropped: ['n'] });
    expect(encode({ choiceCount: 1 }).rest).toEqual({ n: 1 });
  });

  it('leaves a schema out where only "some JSON" can be asked for, and says so', () => {
    const responseFormat = { type: 'json-schema', schema: { type: 'object' } } as const;
    expect(encode({ responseFormat }, { jsonSchema: false })).toMatchObject({ rest: {}, dropped: ['response_format'] });
    expect(encode({ responseFormat: { type: 'json' } }, { jsonSchema: false }).rest).toEqual({
      response_format: { type: 'json_object' },
    });
  });
});
