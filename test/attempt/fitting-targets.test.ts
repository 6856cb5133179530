import { describe, expect, it } from '@jest/globals';
import { fittingTargets } from '../../src/attempt/fitting-targets.ts';
import type { SkippedTarget } from '../../src/core/call.ts';
import type { DialectName } from '../../src/core/dialect-name.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { RequestBody } from '../../src/core/request-body.ts';
import { dialectOf } from '../../src/dialects/index.ts';
import type { ProvidersOptions } from '../../src/providers/options.ts';
import type { Target } from '../../src/providers/provider.ts';
import { targetAt } from '../../src/providers/target.ts';
import { ids, instancesOf } from '../providers/support.ts';
import { ample } from '../support/ample.ts';

const apiKey = 'k';
const instances = instancesOf({
  openai: { apiKey },
  anthropic: { apiKey },
  gemini: { apiKey },
  groq: { apiKey },
  ollama: {},
  lab: {
    type: 'openai-compatible',
    baseUrl: 'http://lab',
    capabilities: { blind: { vision: false }, mute: { tools: false, vision: false } },
    contextWindows: { small: 1_000, tiny: 100 },
  },
} satisfies ProvidersOptions);

function target(id: string): Target {
  const slash = id.indexOf('/');
  const instance = instances.get(id.slice(0, slash));
  if (instance === undefined) throw new Error(`No ${id}.`);
  return targetAt(instance, id.slice(slash + 1));
}

interface Asking {
  readonly dialect?: DialectName;
  readonly body: JsonObject;
  readonly unsupported?: 'drop' | 'reject';
  /** As the app has parsed it. */
  readonly parsed?: true;
}

interface Result {
  readonly fitting: readonly string[];
  readonly skipped: readonly SkippedTarget[];
}

function ask(
  names: readonly string[],
  { dialect = 'openai-chat', body, unsupported = 'drop', parsed }: Asking,
): Result {
  const skipped: SkippedTarget[] = [];
  const bytes = Buffer.from(JSON.stringify(body));
  const request: RequestBody = parsed === undefined ? { json: body, bytes } : { json: body };
  const fitting = fittingTargets({
    call: { dialect, skipped },
    body: request,
    canonical: () => dialectOf(dialect).request.decode(body, {}),
    targets: names.map(target),
    unsupported,
  });
  return { fitting: ids(fitting), skipped };
}

function refusal(names: readonly string[], asking: Asking): unknown {
  try {
    ask(names, asking);
  } catch (thrown) {
    const { code, param, message, status } = thrown as Record<string, unknown>;
    return { code, param, message, status };
  }
  throw new Error('Nothing was refused.');
}

const hello = [{ role: 'user', content: 'Hello.' }];
const picture = {
  role: 'user',
  content: [
    { type: 'text', text: 'Look.' },
    { type: 'image_url', image_url: { url: 'https://a/b.png' } },
  ],
};
const tools = [{ type: 'function', function: { name: 'now' } }];
const schema = { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } };

describe('fitting targets', () => {
  it('are all targets of a plain request, as they were', () => {
    const targets = ['lab/mute', 'openai/o1-mini', 'groq/llama-3.3-70b-versatile'].map(target);
    const skipped: SkippedTarget[] = [];
    const fitting = fittingTargets({
      call: { dialect: 'openai-chat', skipped },
      body: { json: { messages: hello } },
      canonical: () => dialectOf('openai-chat').request.decode({ messages: hello }, {}),
      targets,
      unsupported: 'reject',
    });
    expect(fitting).toBe(targets);
    expect(skipped).toEqual([]);
  });

  it.each<[what: string, body: JsonObject, skipped: Record<string, string>]>([
    ['tools', { messages: hello, tools }, { 'openai/o1-mini': 'tools' }],
    ['old functions', { messages: hello, functions: [{ name: 'now' }] }, { 'openai/o1-mini': 'tools' }],
    [
      'a forced tool',
      { messages: hello, tools, tool_choice: 'required' },
      { 'openai/o1-mini': 'tools', 'ollama/llama3.2': 'toolChoice' },
    ],
    [
      'a named tool',
      { messages: hello, tools, tool_choice: { type: 'function', function: { name: 'now' } } },
      { 'openai/o1-mini': 'tools', 'ollama/llama3.2': 'toolChoice' },
    ],
    ['a free tool choice', { messages: hello, tools, tool_choice: 'auto' }, { 'openai/o1-mini': 'tools' }],
    ['a picture', { messages: [picture] }, { 'openai/o1-mini': 'vision', 'groq/llama-3.3-70b-versatile': 'vision' }],
    [
      'audio',
      { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } }] }] },
      {
        'openai/o1-mini': 'audioInput',
        'anthropic/claude-sonnet-4-6': 'audioInput',
        'groq/llama-3.3-70b-versatile': 'audioInput',
      },
    ],
    [
      'a file',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] },
      { 'openai/o1-mini': 'files', 'groq/llama-3.3-70b-versatile': 'files' },
    ],
    [
      'a schema',
      { messages: hello, response_format: schema },
      { 'openai/o1-mini': 'jsonSchema', 'groq/llama-3.3-70b-versatile': 'jsonSchema' },
    ],
    [
      'several answers',
      { messages: hello, n: 2 },
      {
        'anthropic/claude-sonnet-4-6': 'choices',
        'groq/llama-3.3-70b-versatile': 'choices',
        'ollama/llama3.2': 'choices',
      },
    ],
    ['one answer', { messages: hello, n: 1 }, {}],
    ['reasoning', { messages: hello, reasoning_effort: 'high' }, { 'groq/llama-3.3-70b-versatile': 'reasoning' }],
    ['no reasoning', { messages: hello, reasoning_effort: 'none' }, {}],
    ['members that are no request', { messages: 'no', tools: 'no', tool_choice: 7, response_format: [], n: 'x' }, {}],
  ])('of %s leave out who lacks it, and say why', (_what, body, expected) => {
    const names = [
      'openai/o1-mini',
      'anthropic/claude-sonnet-4-6',
      'groq/llama-3.3-70b-versatile',
      'ollama/llama3.2',
      'gemini/gemini-2.5-pro',
      'lab/unknown',
    ];
    const { fitting, skipped } = ask(names, { body });
    expect(Object.fromEntries(skipped.map(({ target: id, reason }) => [id, reason]))).toEqual(expected);
    expect(fitting).toEqual(names.filter((name) => !(name in expected)));
  });

  it.each<[dialect: DialectName, body: JsonObject, reason: string]>([
    ['plain-chat', { messages: [picture] }, 'vision'],
    ['anthropic-messages', { max_tokens: 9, messages: hello, tools: [{ name: 'a', input_schema: {} }] }, 'tools'],
    [
      'anthropic-messages',
      { max_tokens: 9, messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] },
      'vision',
    ],
    [
      'anthropic-messages',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'image' }] }] }] },
      'vision',
    ],
    ['gemini', { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: '' } }] }] }, 'vision'],
    ['gemini', { contents: { parts: { inline_data: { mime_type: 'image/png', data: '' } } } }, 'vision'],
    ['gemini', { contents: [], tools: [{ functionDeclarations: [{ name: 'a' }] }] }, 'tools'],
    ['ollama-chat', { model: 'm', messages: [{ role: 'user', content: 'Look.', images: ['AAAA'] }] }, 'vision'],
    [
      'cohere-chat',
      {
        model: 'm',
        messages: [{ role: 'user', content: 'Hi.' }],
        tools: [{ type: 'function', function: { name: 'a', parameters: {} } }],
      },
      'tools',
    ],
  ])('are found in %s, too', (dialect, body, reason) => {
    const { fitting, skipped } = ask(['lab/mute', 'lab/other'], { dialect, body });
    expect(fitting).toEqual(['lab/other']);
    expect(skipped).toEqual([{ target: 'lab/mute', reason }]);
  });

  it.each<[dialect: DialectName, body: JsonObject, needed: string]>([
    ['anthropic-messages', { messages: hello, tool_choice: { type: 'any' } }, 'toolChoice'],
    ['anthropic-messages', { messages: hello, thinking: { type: 'enabled', budget_tokens: 1024 } }, 'reasoning'],
    [
      'anthropic-messages',
      { messages: hello, output_config: { format: { type: 'json_schema', schema: {} } } },
      'jsonSchema',
    ],
    [
      'anthropic-messages',
      { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'base64' } }] }] },
      'files',
    ],
    ['gemini', { contents: [], toolConfig: { functionCallingConfig: { mode: 'ANY' } } }, 'toolChoice'],
    ['gemini', { contents: [], generationConfig: { responseSchema: {} } }, 'jsonSchema'],
    ['gemini', { contents: [], generation_config: { response_mime_type: 'application/json' } }, 'jsonMode'],
    ['gemini', { contents: [], generationConfig: { thinkingConfig: { thinkingBudget: 512 } } }, 'reasoning'],
    ['gemini', { contents: [], generationConfig: { candidateCount: 2 } }, 'choices'],
    ['gemini', { contents: [{ parts: [{ fileData: { mimeType: 'application/pdf', fileUri: 'u' } }] }] }, 'files'],
    ['gemini', { contents: [{ parts: [{ inlineData: { mimeType: 'audio/wav', data: '' } }] }] }, 'audioInput'],
  ])('of %s know what %j needs', (dialect, body, needed) => {
    const without = instancesOf({
      lab: { type: 'openai-compatible', baseUrl: 'http://lab', capabilities: { lacks: { [needed]: false } } },
    }).get('lab');
    if (without === undefined) throw new Error('No lab.');
    const skipped: SkippedTarget[] = [];
    fittingTargets({
      call: { dialect, skipped },
      body: { json: body },
      canonical: () => dialectOf(dialect).request.decode(body, {}),
      targets: [targetAt(without, 'lacks'), targetAt(without, 'other')],
      unsupported: 'drop',
    });
    expect(skipped).toEqual([{ target: 'lab/lacks', reason: needed }]);
  });

  it('of text alone do not fear documents that are text, thinking that is off, or pictures the model drew', () => {
    const blocks = [{ type: 'document', source: { type: 'text', data: 'A.' } }];
    const anthropic = { messages: [{ role: 'user', content: blocks }], thinking: { type: 'disabled' } };
    expect(ask(['groq/llama-3.3-70b-versatile'], { dialect: 'anthropic-messages', body: anthropic }).skipped).toEqual(
      [],
    );
    const parts = [{ thought: true, inlineData: { mimeType: 'image/png', data: '' } }];
    const gemini = { contents: [{ parts }], generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
    expect(ask(['lab/blind', 'lab/other'], { dialect: 'gemini', body: gemini }).skipped).toEqual([]);
  });

  it('that nobody fits are refused with 400, naming the need and the target', () => {
    expect(refusal(['lab/blind', 'groq/llama-3.3-70b-versatile'], { body: { messages: [picture] } })).toEqual({
      code: 'unsupported_parameter',
      param: 'messages',
      message: '`lab/blind` cannot read images.',
      status: 400,
    });
    expect(refusal(['openai/o1-mini'], { body: { messages: hello, tools } })).toMatchObject({ param: 'tools' });
  });

  it('stay when all of them lack what a request can be stripped of', () => {
    const { fitting, skipped } = ask(['anthropic/claude-sonnet-4-6', 'lab/mute', 'ollama/a'], {
      body: { messages: hello, tools, n: 3 },
    });
    expect(fitting).toEqual(['anthropic/claude-sonnet-4-6', 'ollama/a']);
    expect(skipped).toEqual([{ target: 'lab/mute', reason: 'tools' }]);
  });

  it('in strict mode refuse what the first target lacks, also where it could be dropped', () => {
    const asking = { body: { messages: hello, n: 3 }, unsupported: 'reject' } as const;
    expect(refusal(['ollama/a', 'openai/gpt-4o'], asking)).toMatchObject({ code: 'unsupported_parameter', param: 'n' });
    expect(ask(['openai/gpt-4o', 'ollama/a'], asking).fitting).toEqual(['openai/gpt-4o']);
  });
});

describe('a context window', () => {
  const words = (count: number) => [{ role: 'user', content: 'hello world, this is text. '.repeat(count) }];

  it('is enough for what has fewer bytes', () => {
    expect(ask(['lab/small'], { body: { messages: words(30) } }).fitting).toEqual(['lab/small']);
  });

  it('is enough for more bytes, as long as they are not surely too many tokens', () => {
    // 4,050 characters, 1,050 tokens: over the window, yet not beyond doubt.
    expect(ask(['lab/small'], { body: { messages: words(150) } }).fitting).toEqual(['lab/small']);
  });

  it.each([undefined, true] as const)('that is surely too small is passed over (parsed by the app: %s)', (parsed) => {
    const asking = { body: { messages: words(1_000) }, ...(parsed && { parsed }) };
    const { fitting, skipped } = ask(['lab/small', 'lab/unknown', 'lab/tiny'], asking);
    expect(fitting).toEqual(['lab/unknown']);
    expect(skipped).toEqual([
      { target: 'lab/small', reason: 'contextWindow' },
      { target: 'lab/tiny', reason: 'contextWindow' },
    ]);
  });

  it('has to hold the answer as well', () => {
    const body = { messages: words(1), max_completion_tokens: 990 };
    expect(ask(['lab/small', 'lab/unknown'], { body: { ...body, max_tokens: 5 } }).skipped).toEqual([]);
    expect(ask(['lab/small', 'lab/unknown'], { body: { ...body, max_completion_tokens: 2_000 } }).fitting).toEqual([
      'lab/unknown',
    ]);
  });

  it('does not count the bytes of a picture', () => {
    const url = `data:image/png;base64,${'A'.repeat(100_000)}`;
    const body = { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }] };
    expect(ask(['lab/small'], { body }).fitting).toEqual(['lab/small']);
  });

  it('that no target has is a refusal in OpenAI\u0027s words', () => {
    expect(refusal(['lab/small', 'lab/tiny'], { body: { messages: words(1_000) } })).toEqual({
      code: 'context_length_exceeded',
      param: 'messages',
      message: 'The request, with the answer it asks for, is longer than the 1000 tokens of `lab/small`.',
      status: 400,
    });
  });

  it('is checked in bounded time, however long the prompt', () => {
    const body = { messages: words(1_000_000) };
    const startedAt = performance.now();
    expect(ask(['lab/small', 'lab/unknown'], { body }).fitting).toEqual(['lab/unknown']);
    expect(performance.now() - startedAt).toBeLessThan(ample);
  });
});
