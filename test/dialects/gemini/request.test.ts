import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ChatRequest, Message, Part, ToolChoice } from '../../../src/dialects/canonical.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { plainRequest, richRequest } from '../contract/samples.ts';

const { request: codec } = gemini();
const flash25 = 'gemini-2.5-flash';
const flash3 = 'gemini-3-flash-preview';

function encode(request: Partial<ChatRequest>, model = flash25) {
  return codec.encode(deepFreeze({ ...plainRequest, ...request }), { model });
}

function bodyOf(request: Partial<ChatRequest>, model = flash25): JsonObject {
  return encode(request, model).body;
}

const user = (...parts: readonly (string | Part)[]): Message => ({ role: 'user', parts: parts.map(asPart) });
const assistant = (...parts: readonly (string | Part)[]): Message => ({ role: 'assistant', parts: parts.map(asPart) });
const asPart = (part: string | Part): Part => (typeof part === 'string' ? { type: 'text', text: part } : part);
const call = (id: string, name = 'f', rest: Partial<Part> = {}): Part =>
  ({ type: 'tool-call', id, name, arguments: '{}', ...rest }) as Part;
const result = (toolCallId: string, text: string): Part => ({
  type: 'tool-result',
  toolCallId,
  content: [{ type: 'text', text }],
});
const tool = (...parts: readonly Part[]): Message => ({ role: 'tool', parts });

describe('turns towards Gemini', () => {
  it('puts system and developer text apart and merges neighbours of one role', () => {
    const messages: Message[] = [
      { role: 'system', parts: [{ type: 'text', text: 'One.' }] },
      user('a'),
      user('b'),
      { role: 'developer', parts: [{ type: 'text', text: 'Two.' }] },
      assistant('c'),
      assistant('d'),
      user('e'),
      assistant(''),
      user('f'),
    ];
    expect(bodyOf({ messages })).toEqual({
      systemInstruction: { parts: [{ text: 'One.' }, { text: 'Two.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
        { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] },
        { role: 'user', parts: [{ text: 'e' }, { text: 'f' }] },
      ],
    });
  });

  it('puts system text before the first user turn of a model without system instruction', () => {
    const messages: Message[] = [{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }, user('a')];
    expect(bodyOf({ messages }, 'gemma-3-27b-it')).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Be brief.' }, { text: 'a' }] }],
    });
  });

  it('asks with the last instruction where there is no question', () => {
    const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });
    expect(bodyOf({ messages: [system('One.'), system('Two.')] })).toEqual({
      systemInstruction: { parts: [{ text: 'One.' }] },
      contents: [{ role: 'user', parts: [{ text: 'Two.' }] }],
    });
  });

  it('refuses a conversation of nothing', () => {
    expect(() => encode({ messages: [] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages' }),
    );
  });

  it('leaves empty text out but keeps the turn of a silent user', () => {
    expect(
      bodyOf({ messages: [user(''), assistant('', call('gemini_call_a_0')), tool(result('gemini_call_a_0', 'x'))] }),
    ).toEqual({
      contents: [
        { role: 'user', parts: [{ text: '' }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { result: 'x' } } }] },
      ],
    });
  });

  it('answers all calls of a turn together, in their order, before anything else the user says', () => {
    const messages = [
      user('go'),
      assistant(call('c1', 'one'), call('c2', 'two'), call('c3', 'one')),
      tool(result('c3', 'third')),
      user('meanwhile'),
      tool(result('c1', 'first'), result('c2', 'second')),
    ];
    const response = (id: string, name: string, text: string) => ({
      functionResponse: { id, name, response: { result: text } },
    });
    expect(bodyOf({ messages }).contents).toContainEqual({
      role: 'user',
      parts: [
        response('c1', 'one', 'first'),
        response('c2', 'two', 'second'),
        response('c3', 'one', 'third'),
        { text: 'meanwhile' },
      ],
    });
  });

  it('takes the name of a result from the nearest call with its id', () => {
    const messages = [
      user('go'),
      assistant(call('same', 'first')),
      tool(result('same', '1')),
      assistant(call('same', 'second')),
      tool(result('same', '2')),
    ];
    const answered = [
      ...JSON.stringify(bodyOf({ messages })).matchAll(/"functionResponse":\{"id":"same","name":"(\w+)"/g),
    ];
    expect(answered.map(([, name]) => name)).toEqual(['first', 'second']);
  });

  it('refuses a result that answers no call', () => {
    expect(() => encode({ messages: [user('go'), tool(result('lost', 'x'))] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', param: 'messages[1].tool_call_id' }),
    );
  });

  it('sends the object a tool gave, but the text once somebody has changed it', () => {
    const structured = { city: 'Rome', mail: 'someone' };
    const send = (text: string) => {
      const part: Part = { type: 'tool-result', toolCallId: 'c', structured, content: [{ type: 'text', text }] };
      return JSON.stringify(bodyOf({ messages: [user('go'), assistant(call('c')), tool(part)] }));
    };
    expect(send(JSON.stringify(structured))).toContain('"response":{"city":"Rome","mail":"someone"}');
    expect(send('masked')).toContain('"response":{"result":"masked"}');
  });

  it('says that a tool failed', () => {
    const part: Part = { ...result('c', 'no such city'), isError: true } as Part;
    expect(JSON.stringify(bodyOf({ messages: [user('go'), assistant(call('c')), tool(part)] }))).toContain(
      '"response":{"error":"no such city"}',
    );
  });

  it('puts the image of a tool result inside it for Gemini 3 and behind all results for older models', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } };
    const part = { ...result('c', 'shot'), content: [{ type: 'text', text: 'shot' }, image] } as Part;
    const messages = [user('go'), assistant(call('c')), tool(part)];
    const inlineData = { mimeType: 'image/png', data: 'AAAA' };
    const response = { id: 'c', name: 'f', response: { result: 'shot' } };
    expect(bodyOf({ messages }).contents).toContainEqual({
      role: 'user',
      parts: [{ functionResponse: response }, { inlineData }],
    });
    expect(bodyOf({ messages }, flash3).contents).toContainEqual({
      role: 'user',
      parts: [{ functionResponse: { ...response, parts: [{ inlineData }] } }],
    });
  });

  it('sends arguments that broke off as none and says so', () => {
    const messages = [user('go'), assistant(call('c', 'f', { arguments: '{"a": "un' } as Partial<Part>))];
    const { body, dropped } = encode({ messages });
    expect(body.contents).toContainEqual({
      role: 'model',
      parts: [{ functionCall: { id: 'c', name: 'f', args: {} } }],
    });
    expect(dropped).toEqual(['tool_calls.function.arguments']);
  });

  it('reports what only another dialect knows, wherever it stands', () => {
    const messages: Message[] = [
      {
        role: 'user',
        name: 'ana',
        parts: [{ type: 'text', text: 'a', extensions: { 'anthropic-messages': { cache_control: {} } } }],
      },
      assistant({ type: 'extension', dialect: 'anthropic-messages', data: { type: 'server_tool_use' } }, 'b'),
    ];
    expect(encode({ messages }).dropped).toEqual(['name', 'cache_control', 'server_tool_use']);
  });
});

describe('signatures towards Gemini', () => {
  const signed = (value: string, dialect: 'gemini' | 'anthropic-messages' = 'gemini') =>
    ({ signature: { dialect, value } }) as Partial<Part>;
  const signatures = (messages: readonly Message[], model: string) =>
    [...JSON.stringify(bodyOf({ messages }, model)).matchAll(/"thoughtSignature":"([^"]*)"/g)].map(
      ([, value]) => value,
    );
  const skip = 'skip_thought_signature_validator';

  it("sends Gemini's own back and no other", () => {
    const messages = [
      user('go'),
      assistant(
        { type: 'reasoning', text: 'own', signature: { dialect: 'gemini', value: 'a+/_-=' } },
        { type: 'reasoning', text: 'foreign', signature: { dialect: 'anthropic-messages', value: 'no' } },
        { type: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'no' } },
        { type: 'text', text: '', signature: { dialect: 'gemini', value: 'b' } },
        call('c', 'f', signed('no', 'anthropic-messages')),
      ),
    ];
    expect(signatures(messages, flash25)).toEqual(['a+/_-=', 'b']);
    expect(JSON.stringify(bodyOf({ messages }))).not.toContain('foreign');
    expect(encode({ messages }).dropped).toEqual(['reasoning_content']);
  });

  it('stands in for the missing one on the first call of each turn, for models that insist', () => {
    const messages = [
      user('go'),
      assistant('text', call('c1'), call('c2')),
      tool(result('c1', '1'), result('c2', '2')),
      assistant(call('c3', 'f', signed('no', 'anthropic-messages'))),
      tool(result('c3', '3')),
      assistant(call('c4', 'f', signed('own')), call('c5')),
    ];
    expect(signatures(messages, flash3)).toEqual([skip, skip, 'own']);
    expect(signatures(messages, 'publishers/google/models/gemini-3.1-pro-preview')).toEqual([skip, skip, 'own']);
    expect(signatures(messages, flash25)).toEqual(['own']);
    expect(signatures(messages, 'gemini-2.0-flash')).toEqual(['own']);
  });
});

describe('media towards Gemini', () => {
  const send = (part: Part, model = flash25) => encode({ messages: [user('look', part)] }, model);
  const sent = (part: Part, model = flash25) => {
    const [turn] = send(part, model).body.contents as { parts: JsonObject[] }[];
    return turn?.parts[1];
  };

  it.each<[string, Part, JsonObject]>([
    [
      'an image',
      { type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data: 'AA' } },
      { inlineData: { mimeType: 'image/jpeg', data: 'AA' } },
    ],
    [
      'a data URL',
      { type: 'image', source: { kind: 'url', url: 'data:image/webp;base64,AA==' } },
      { inlineData: { mimeType: 'image/webp', data: 'AA==' } },
    ],
    [
      'a text file',
      { type: 'file', source: { kind: 'text', text: 'h\u00e9' } },
      { inlineData: { mimeType: 'text/plain', data: 'aMOp' } },
    ],
    [
      'audio',
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA' } },
      { inlineData: { mimeType: 'audio/wav', data: 'AA' } },
    ],
    [
      'an https URL, with its type from the path',
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a/b.PNG?x=1' } },
      { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a/b.PNG?x=1' } },
    ],
    [
      'a stored file',
      { type: 'file', source: { kind: 'file-id', id: 'files/abc', mediaType: 'application/pdf' } },
      {
        fileData: {
          mimeType: 'application/pdf',
          fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc',
        },
      },
    ],
  ])('sends %s', (_, part, expected) => {
    expect(sent(part)).toEqual(expected);
  });

  it.each<[string, Part, string]>([
    ['plain http', { type: 'image', source: { kind: 'url', url: 'http://example.com/a.png' } }, flash25],
    ['a local file', { type: 'image', source: { kind: 'url', url: 'file:///etc/passwd' } }, flash25],
    [
      'https to a model that does not fetch',
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
      'gemini-2.0-flash',
    ],
    ['a file of another provider', { type: 'file', source: { kind: 'file-id', id: 'file-abc' } }, flash25],
  ])('refuses %s and names the part', (_, part, model) => {
    expect(() => send(part, model)).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400, param: 'messages[0].content[1]' }),
    );
  });

  it('takes gs:// and videos everywhere', () => {
    for (const url of ['gs://bucket/a.mp4', 'https://youtu.be/abc']) {
      expect(sent({ type: 'file', source: { kind: 'url', url, mediaType: 'video/mp4' } }, 'gemini-1.5-pro')).toEqual({
        fileData: { mimeType: 'video/mp4', fileUri: url },
      });
    }
  });

  it('reports the detail and the file name it cannot send', () => {
    const source = { kind: 'base64', mediaType: 'application/pdf', data: 'AA' } as const;
    expect(send({ type: 'file', source, filename: 'a.pdf' }).dropped).toEqual(['filename']);
    expect(send({ type: 'image', source, detail: 'high' }).dropped).toEqual(['detail']);
    expect(send({ type: 'image', source, detail: 'auto' }).dropped).toEqual([]);
  });
});

describe('tools towards Gemini', () => {
  const tools = ['a', 'b', 'c'].map((name) => ({ type: 'function', name }) as const);
  const choose = (toolChoice: ToolChoice) => bodyOf({ tools, toolChoice });

  it.each<[ToolChoice, JsonObject]>([
    [{ type: 'auto' }, { mode: 'AUTO' }],
    [{ type: 'none' }, { mode: 'NONE' }],
    [{ type: 'required' }, { mode: 'ANY' }],
    [
      { type: 'required', names: ['a', 'b'] },
      { mode: 'ANY', allowedFunctionNames: ['a', 'b'] },
    ],
    [
      { type: 'tool', name: 'b' },
      { mode: 'ANY', allowedFunctionNames: ['b'] },
    ],
  ])('chooses by %j', (toolChoice, functionCallingConfig) => {
    const body = choose(toolChoice);
    expect(body.toolConfig).toEqual({ functionCallingConfig });
    expect(body.tools).toEqual([{ functionDeclarations: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }]);
  });

  it('declares only the functions that are permitted', () => {
    const body = choose({ type: 'allowed', names: ['c'] });
    expect(body.tools).toEqual([{ functionDeclarations: [{ name: 'c' }] }]);
    expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: 'AUTO' } });
  });

  it('sends no choice without functions, and reports one that was forced', () => {
    expect(encode({ toolChoice: { type: 'required' } })).toMatchObject({ dropped: ['tool_choice'] });
    expect(bodyOf({ toolChoice: { type: 'auto' } }).toolConfig).toBeUndefined();
  });

  it('sends JSON Schema to models that read it and the OpenAPI subset to the others', () => {
    const parameters = {
      type: 'object',
      properties: { city: { type: ['string', 'null'], const: 'Rome' } },
      additionalProperties: false,
    };
    const withSchema = { tools: [{ type: 'function', name: 'f', parameters } as const] };
    expect(bodyOf(withSchema).tools).toEqual([
      { functionDeclarations: [{ name: 'f', parametersJsonSchema: parameters }] },
    ]);
    expect(bodyOf(withSchema, 'gemini-2.0-flash').tools).toEqual([
      {
        functionDeclarations: [
          {
            name: 'f',
            parameters: { type: 'object', properties: { city: { type: 'string', nullable: true, enum: ['Rome'] } } },
          },
        ],
      },
    ]);
  });

  it.each([
    { type: 'object' },
    { type: 'object', properties: {} },
    { type: 'object', properties: {}, additionalProperties: false, $schema: 'x' },
  ])('sends no parameters for %j', (parameters) => {
    expect(bodyOf({ tools: [{ type: 'function', name: 'f', parameters }] }).tools).toEqual([
      { functionDeclarations: [{ name: 'f' }] },
    ]);
  });

  it('sends the schema of a changed tool, not the one that was kept beside it', () => {
    const decoded = codec.decode(
      {
        contents: [{ parts: [{ text: 'a' }] }],
        tools: [
          {
            functionDeclarations: [
              { name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } },
            ],
          },
        ],
      },
      { model: flash25 },
    );
    const [declared] = decoded.tools ?? [];
    const changed = { ...declared, parameters: { type: 'object', properties: { b: { type: 'string' } } } };
    expect(JSON.stringify(bodyOf({ tools: [changed as NonNullable<ChatRequest['tools']>[0]] }))).not.toContain(
      'STRING',
    );
  });

  it('reports tools of other providers, strict functions, and calls one at a time', () => {
    expect(
      encode({
        tools: [
          { type: 'provider', dialect: 'openai-chat', data: { type: 'web_search' } },
          { type: 'function', name: 'f', strict: true },
        ],
        parallelToolCalls: false,
      }).dropped,
    ).toEqual(['tools', 'tools.function.strict', 'parallel_tool_calls']);
  });
});

describe('parameters towards Gemini', () => {
  it('sends at most five stop sequences', () => {
    const encoded = encode({ stop: ['1', '2', '3', '4', '5', '6'] });
    expect(encoded.body.generationConfig).toEqual({ stopSequences: ['1', '2', '3', '4', '5'] });
    expect(encoded.dropped).toEqual(['stop']);
  });

  it('sends only seeds the API can read', () => {
    expect(encode({ seed: 2 ** 40 })).toMatchObject({ dropped: ['seed'] });
    expect(encode({ seed: 0 }).body.generationConfig).toEqual({ seed: 0 });
  });

  it('sends no JSON format beside functions to models that refuse both together', () => {
    const both = { tools: richRequest.tools ?? [], responseFormat: { type: 'json' } as const };
    expect(encode(both, flash25).dropped).toEqual(['response_format']);
    expect(encode(both, flash3)).toMatchObject({
      dropped: [],
      body: { generationConfig: { responseMimeType: 'application/json' } },
    });
  });

  it('sends nothing but fields the API has', () => {
    const everything: ChatRequest = {
      ...richRequest,
      toolChoice: { type: 'auto' },
      parallelToolCalls: true,
      maxOutputTokens: 5,
      temperature: 1,
      topP: 1,
      topK: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      seed: 1,
      stop: ['x'],
      choiceCount: 2,
      logprobs: true,
      topLogprobs: 2,
      responseFormat: { type: 'json-schema', name: 'n', strict: true, schema: { type: 'object' } },
      reasoning: { effort: 'low', includeText: true },
      user: 'someone',
      extensions: {
        'openai-chat': { logit_bias: {}, store: true, stream_options: {} },
        gemini: { labels: { a: 'b' } },
      },
    };
    const { body, dropped } = encode(everything, flash3);
    expect(Object.keys(body).sort()).toEqual([
      'contents',
      'generationConfig',
      'systemInstruction',
      'toolConfig',
      'tools',
    ]);
    expect(Object.keys(body.generationConfig as JsonObject).sort()).toEqual([
      'candidateCount',
      'frequencyPenalty',
      'logprobs',
      'maxOutputTokens',
      'presencePenalty',
      'responseJsonSchema',
      'responseLogprobs',
      'responseMimeType',
      'seed',
      'stopSequences',
      'temperature',
      'thinkingConfig',
      'topK',
      'topP',
    ]);
    expect(dropped.toSorted()).toEqual(['labels', 'logit_bias', 'store', 'stream_options', 'user']);
  });

  it('sends fields a variant adds', () => {
    const vertex = gemini({ requestFields: ['labels'] });
    const request = { ...plainRequest, extensions: { gemini: { labels: { a: 'b' } } } };
    expect(vertex.request.encode(request, { model: flash25 })).toMatchObject({
      body: { labels: { a: 'b' } },
      dropped: [],
    });
  });
});

describe("a Gemini caller's request", () => {
  const decode = (contents: readonly JsonObject[]) => codec.decode({ contents }, { model: flash25 }).messages;
  const calls = (...names: readonly string[]) => ({
    role: 'model',
    parts: names.map((name) => ({ functionCall: { name } })),
  });
  const responses = (...names: readonly string[]) => ({
    role: 'user',
    parts: names.map((name) => ({ functionResponse: { name, response: { result: name } } })),
  });

  it('gets ids for calls and results that have none, matched by name and order', () => {
    const messages = decode([calls('a', 'b', 'a'), responses('a', 'a', 'b'), calls('a'), responses('a')]);
    const ids = messages.map(({ parts }) =>
      parts.map((part) => (part.type === 'tool-call' ? part.id : part.type === 'tool-result' ? part.toolCallId : '')),
    );
    expect(ids).toEqual([
      ['gemini_call_0_0', 'gemini_call_0_1', 'gemini_call_0_2'],
      ['gemini_call_0_0', 'gemini_call_0_2', 'gemini_call_0_1'],
      ['gemini_call_2_0'],
      ['gemini_call_2_0'],
    ]);
  });

  it('becomes user and tool messages in the order of its parts', () => {
    const mixed = { role: 'user', parts: [...responses('a').parts, { text: 'and' }] };
    expect(decode([calls('a'), mixed]).map(({ role }) => role)).toEqual(['assistant', 'tool', 'user']);
  });

  it('takes the model and the stream from its path', () => {
    const body = { model: 'models/other', contents: [{ parts: [{ text: 'a' }] }] };
    expect(codec.decode(body, { model: 'models/gemini-x', stream: true })).toMatchObject({
      model: 'gemini-x',
      stream: true,
      includeUsage: true,
    });
    expect(codec.decode(body, {})).toMatchObject({ model: 'other', stream: false });
  });

  it('keeps the text that libraries wrap into a response, and its object', () => {
    const part = (response: JsonObject) =>
      decode([calls('a'), { role: 'user', parts: [{ functionResponse: { name: 'a', response } }] }])[1]?.parts[0];
    expect(part({ output: 'noon' })).toMatchObject({ content: [{ text: 'noon' }], structured: { output: 'noon' } });
    expect(part({ error: 'gone' })).toMatchObject({ content: [{ text: 'gone' }], isError: true });
    expect(part({ a: 1 })).toMatchObject({ content: [{ text: '{"a":1}' }], structured: { a: 1 } });
  });
});

describe('passing a Gemini body through', () => {
  const contents = [{ role: 'user', parts: [{ text: 'a' }] }];
  const pass = (body: JsonObject, model = flash25) => codec.passThrough(body, { model });

  it('goes on as it is, without the model', () => {
    expect(pass({ contents, safetySettings: [], tools: [] })).toEqual([]);
    expect(pass({ model: 'models/x', contents })).toEqual([['model', undefined]]);
  });

  it.each<[string, JsonObject, string]>([
    ['a field the API does not have', { contents, labels: {} }, flash25],
    ['snake_case', { contents, system_instruction: {} }, flash25],
    ['contents that are no list', { contents: 'a' }, flash25],
    ['an older model', { contents }, 'gemini-2.0-flash'],
    ['a model nobody knows', { contents }, 'tuned-model'],
    [
      'a level for a model that takes a budget',
      { contents, generationConfig: { thinkingConfig: { thinkingLevel: 'low' } } },
      flash25,
    ],
  ])('does not with %s', (_, body, model) => {
    expect(pass(body, model)).toBeUndefined();
  });

  it('does with a level for a model that takes one', () => {
    expect(pass({ contents, generationConfig: { thinkingConfig: { thinkingLevel: 'low' } } }, flash3)).toEqual([]);
  });
});
