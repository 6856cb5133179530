import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { Part } from '../../../src/dialects/canonical.ts';
import { assistantCalls, encode, hello, result, sonnet, text, user } from './encode.ts';

const weather = { type: 'function', name: 'weather' } as const;
const titan = 'amazon.titan-text-express-v1';

describe('turns', () => {
  it('alternate: neighbours of one role become one, and blank text goes', () => {
    const { turns } = encode({
      messages: [hello, text('user', ' '), text('user', 'More'), text('assistant', ''), text('assistant', 'Yes')],
    });
    expect(turns).toEqual([
      { role: 'user', content: [{ text: 'Hello' }, { text: 'More' }] },
      { role: 'assistant', content: [{ text: 'Yes' }] },
    ]);
  });

  it('have the results of all calls in one user message, before its text', () => {
    const { turns } = encode({
      messages: [hello, assistantCalls('a', 'b'), result('a', 'sun'), text('user', 'Well?'), result('b', 'rain', true)],
    });
    expect(turns[2]).toEqual({
      role: 'user',
      content: [
        { toolResult: { toolUseId: 'a', content: [{ text: 'sun' }] } },
        { toolResult: { toolUseId: 'b', content: [{ text: 'rain' }], status: 'error' } },
        { text: 'Well?' },
      ],
    });
  });

  it('name their calls as the API takes it, the same in call and result', () => {
    const { turns } = encode({ messages: [hello, assistantCalls('functions.f:0'), result('functions.f:0', 'x')] });
    const sent = JSON.stringify(turns);
    const [, called] = /"toolUse":\{"toolUseId":"([a-zA-Z0-9_-]{1,64})"/.exec(sent) ?? [];
    expect(called).toMatch(/^functions_f_0_/);
    expect(sent).toContain(`"toolResult":{"toolUseId":"${called}"`);
  });

  it('never end in white space where the model is to go on', () => {
    const { turns } = encode({ messages: [hello, text('assistant', 'So \n')] });
    expect(turns[1]).toEqual({ role: 'assistant', content: [{ text: 'So' }] });
  });

  it('say something where a tool said nothing', () => {
    const { turns } = encode({ messages: [hello, assistantCalls('a'), result('a', '')] });
    expect(turns[2]).toMatchObject({ content: [{ toolResult: { content: [{ text: '(no output)' }] } }] });
  });

  it('leave out a status the model does not take, and say so', () => {
    const messages = [hello, assistantCalls('a'), result('a', 'x', true)];
    const { turns, dropped } = encode({ messages }, 'meta.llama3-3-70b-instruct-v1:0');
    expect(JSON.stringify(turns)).not.toContain('status');
    expect(dropped).toEqual(['is_error']);
  });

  it('are refused when there is nothing to read', () => {
    expect(() => encode({ messages: [] })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('the system prompt', () => {
  it('is gathered from wherever it stood', () => {
    const { body } = encode({ messages: [text('system', 'One'), hello, text('developer', 'Two')] });
    expect(body.system).toEqual([{ text: 'One' }, { text: 'Two' }]);
  });

  it('becomes the question where there is no other', () => {
    const { body, turns } = encode({ messages: [text('system', 'One'), text('system', 'Two')] });
    expect([body.system, turns]).toEqual([[{ text: 'One' }], [{ role: 'user', content: [{ text: 'Two' }] }]]);
  });

  it('begins the first user turn of a model that has none', () => {
    const { body, turns } = encode({ messages: [text('system', 'One'), hello] }, titan);
    expect([body.system, turns]).toEqual([
      undefined,
      [{ role: 'user', content: [{ text: 'One' }, { text: 'Hello' }] }],
    ]);
  });

  it('leaves out pictures and says so', () => {
    const image: Part = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } };
    const { body, dropped } = encode({
      messages: [{ role: 'system', parts: [{ type: 'text', text: 'One' }, image] }, hello],
    });
    expect([body.system, dropped]).toEqual([[{ text: 'One' }], ['image']]);
  });
});

describe('cache breakpoints of other dialects', () => {
  const cached = (dialect: 'anthropic-messages' | 'openai-chat', control: JsonObject) => {
    const extensions = { [dialect]: { cache_control: control } };
    return { messages: [user({ type: 'text', text: 'Long', extensions })], tools: [{ ...weather, extensions }] };
  };

  it('become cache points behind what they end', () => {
    const { turns, body, dropped } = encode(cached('anthropic-messages', { type: 'ephemeral', ttl: '1h' }));
    const cachePoint = { cachePoint: { type: 'default', ttl: '1h' } };
    expect(turns[0]?.content).toEqual([{ text: 'Long' }, cachePoint]);
    expect(body.toolConfig).toMatchObject({ tools: [{ toolSpec: { name: 'weather' } }, cachePoint] });
    expect(dropped).toEqual([]);
  });

  it('are reported where the model has no cache', () => {
    const { turns, dropped } = encode(cached('openai-chat', { type: 'ephemeral' }), 'us.meta.llama4-scout-17b-v1:0');
    expect(turns[0]?.content).toEqual([{ text: 'Long' }]);
    expect(dropped).toEqual(['cache_control']);
  });

  it('of this dialect go as they are, but not to a model without a cache', () => {
    const body = { messages: [{ role: 'user', content: [{ text: 'Long' }, { cachePoint: { type: 'default' } }] }] };
    const decoded = bedrockConverse().request.decode(body, { model: sonnet });
    expect(encode(decoded).turns).toEqual(body.messages);
    expect(encode(decoded, 'some.new-model')).toMatchObject({
      turns: [{ content: [{ text: 'Long' }] }],
      dropped: ['cachePoint'],
    });
  });
});

describe('media', () => {
  const image = (mediaType: string): Part => ({ type: 'image', source: { kind: 'base64', mediaType, data: 'AAAA' } });
  const file = (filename: string | undefined, mediaType = 'application/pdf'): Part => {
    const source = { kind: 'base64', mediaType, data: 'AAAA' } as const;
    return { type: 'file', source, ...(filename !== undefined && { filename }) };
  };

  it('are called by the formats of the API', () => {
    const { turns } = encode({ messages: [user(image('image/jpg'), image('image/png'))] });
    expect(turns[0]?.content).toEqual([
      { image: { format: 'jpeg', source: { bytes: 'AAAA' } } },
      { image: { format: 'png', source: { bytes: 'AAAA' } } },
    ]);
  });

  it('have names of their own, and a word beside them', () => {
    const names = ['report.pdf', 'report.pdf', 'Q1 (draft)', '\u00fcber_all: x.csv', undefined];
    const { turns } = encode({ messages: [user(...names.map((name) => file(name)))] });
    expect(turns[0]?.content).toEqual([
      ...['report', 'report 2', 'Q1 (draft)', 'ber all x', 'document'].map((name) => ({
        document: { format: 'pdf', name, source: { bytes: 'AAAA' } },
      })),
      { text: 'See the document.' },
    ]);
  });

  it('are read by their type, or else by their name', () => {
    const formats = (part: Part) => JSON.stringify(encode({ messages: [user(part)] }).turns);
    expect(formats(file('a', 'text/csv; charset=utf-8'))).toContain('"format":"csv"');
    expect(formats(file('a.docx', 'application/octet-stream'))).toContain('"format":"docx"');
    expect(formats(file('a', 'text/x-python'))).toContain('"format":"txt"');
  });

  it('of plain text go as text to a Claude and as bytes to all others', () => {
    const messages = [user({ type: 'text', text: 'Read.' }, { type: 'file', source: { kind: 'text', text: 'words' } })];
    const source = (model: string) => JSON.stringify(encode({ messages }, model).turns);
    expect(source(sonnet)).toContain('"source":{"text":"words"}');
    expect(source('amazon.nova-pro-v1:0')).toContain('"source":{"bytes":"d29yZHM="}');
  });

  it('in S3 are named by their place; all other addresses need their bytes first', () => {
    const { needsBytes } = bedrockConverse().request;
    const at = (url: string) => ({ kind: 'url', url }) as const;
    expect(needsBytes?.(at('s3://bucket/a.png'), { model: sonnet })).toBe(false);
    expect(needsBytes?.(at('https://example.com/a.png'), { model: sonnet })).toBe(true);
    expect(encode({ messages: [user({ type: 'image', source: at('s3://bucket/a.png') })] }).turns[0]?.content).toEqual([
      { image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png' } } } },
    ]);
  });

  const unreadable: readonly (readonly [what: string, part: Part, model?: string])[] = [
    [
      'an address',
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png', mediaType: 'image/png' } },
    ],
    ['an id of another store', { type: 'file', source: { kind: 'file-id', id: 'f', mediaType: 'application/pdf' } }],
    [
      'a picture of another format',
      { type: 'image', source: { kind: 'base64', mediaType: 'image/tiff', data: 'AAAA' } },
    ],
    [
      'a document of another format',
      { type: 'file', source: { kind: 'base64', mediaType: 'application/zip', data: 'A' } },
    ],
    ['a picture for a model that sees none', image('image/png'), 'us.meta.llama3-3-70b-instruct-v1:0'],
  ];
  for (const [what, part, model] of unreadable) {
    it(`are refused where nobody could read them: ${what}`, () => {
      expect(() => encode({ messages: [user(part)] }, model)).toThrow(
        expect.objectContaining({ code: 'unsupported_parameter', status: 400, param: 'messages' }),
      );
    });
  }

  it('of sound go to models that hear, and are reported elsewhere', () => {
    const sound: Part = { type: 'audio', source: { kind: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } };
    const messages = [user({ type: 'text', text: 'Listen.' }, sound)];
    expect(encode({ messages }, 'mistral.voxtral-small-24b-2507').turns[0]).toMatchObject({
      content: [{ text: 'Listen.' }, { audio: { format: 'mp3', source: { bytes: 'AAAA' } } }],
    });
    expect(encode({ messages }).dropped).toEqual(['input_audio']);
  });
});

describe('tools in the history of a model that takes none', () => {
  it('stay in the conversation as text', () => {
    const { body, turns, dropped } = encode(
      { messages: [hello, assistantCalls('a'), result('a', 'sun')], tools: [weather] },
      titan,
    );
    expect(turns.slice(1)).toEqual([
      { role: 'assistant', content: [{ text: 'Call of the tool weather: {"city":"Paris"}' }] },
      { role: 'user', content: [{ text: 'Result of the tool: sun' }] },
    ]);
    expect([body.toolConfig, dropped]).toEqual([undefined, ['tools']]);
  });
});
