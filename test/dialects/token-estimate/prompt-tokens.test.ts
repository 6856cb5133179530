import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, Part } from '../../../src/dialects/canonical.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { dialects } from '../../../src/dialects/index.ts';
import { estimatePromptTokens } from '../../../src/dialects/token-estimate/prompt-tokens.ts';
import { type CorpusRecord, describeCorpus } from '../../support/corpus.ts';

const say = (...parts: readonly Part[]): ChatRequest => ({
  model: 'some-model',
  messages: [{ role: 'user', parts }],
  stream: false,
  includeUsage: false,
});
const text: Part = { type: 'text', text: 'What is this?' };
const png = { kind: 'base64', mediaType: 'image/png', data: 'A'.repeat(100_000) } as const;

describe('the estimate of a prompt', () => {
  it.each<[string, Part, least: number, most: number]>([
    ['a text', { type: 'text', text: 'And that?' }, 2, 4],
    ['reasoning', { type: 'reasoning', text: 'Two words.' }, 2, 4],
    ['a call', { type: 'tool-call', id: 'a', name: 'weather', arguments: '{"city":"Paris"}' }, 4, 9],
    ['a result', { type: 'tool-result', toolCallId: 'a', content: [{ type: 'text', text: 'sunny' }] }, 1, 3],
    ['a picture, whatever its bytes', { type: 'image', source: png }, 500, 2_000],
    ['a file, whatever its bytes', { type: 'file', source: png }, 500, 3_000],
    ['what only one API knows', { type: 'extension', dialect: 'gemini', data: { code: 'print(1)' } }, 4, 12],
  ])('counts %s', (_, part, least, most) => {
    const more = estimatePromptTokens(say(text, part), 'gpt-4o') - estimatePromptTokens(say(text), 'gpt-4o');
    expect(more).toBeGreaterThanOrEqual(least);
    expect(more).toBeLessThanOrEqual(most);
  });

  it('counts tools, schemas, and what vendors put in front of both', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } } as const;
    const tooled: ChatRequest = { ...say(text), tools: [{ type: 'function', name: 'weather', parameters: schema }] };
    const formed: ChatRequest = { ...say(text), responseFormat: { type: 'json-schema', name: 'city', schema } };
    for (const request of [tooled, formed]) {
      expect(estimatePromptTokens(request, 'gpt-4o')).toBeGreaterThan(estimatePromptTokens(say(text), 'gpt-4o') + 8);
    }
    expect(estimatePromptTokens(tooled, 'claude-sonnet-4-5')).toBeGreaterThan(500);
    expect(estimatePromptTokens(say(text), 'claude-sonnet-4-5')).toBeLessThan(20);
    expect(estimatePromptTokens(say(text), 'command-a-03-2025')).toBeGreaterThan(490);
  });
});

const spokenIn: Readonly<Record<string, Dialect>> = {
  'openai-chat': dialects['openai-chat'],
  'mistral-chat': dialects['openai-chat'],
  'groq-chat': dialects['openai-chat'],
  'deepseek-chat': dialects['openai-chat'],
  'anthropic-messages': dialects['anthropic-messages'],
  'bedrock-converse': dialects['bedrock-converse'],
};

/** The same word a thousand times. */
const noLanguage: ReadonlySet<string> = new Set([
  'anthropic-messages/2e82e71efb-json-length-cache-control-cache-read.json',
]);

interface Asked {
  readonly file: string;
  readonly request: ChatRequest;
  /** Our estimate for one token of the provider's count. */
  readonly ratio: number;
}

/** Recorded requests of 150 tokens and more. */
function asked(records: readonly CorpusRecord[]): readonly Asked[] {
  return records.flatMap(({ file, folder, model, request, digest, status }): readonly Asked[] => {
    const input = digest?.kind === 'chat' ? (digest.usage?.input ?? 0) : 0;
    const dialect = spokenIn[folder];
    if (request === undefined || model === null || dialect === undefined || status !== 200 || input < 150) return [];
    const decoded = dialect.request.decode(JSON.parse(request.body), { model, stream: false });
    return [{ file, request: decoded, ratio: estimatePromptTokens(decoded, model) / input }];
  });
}

describeCorpus('the estimate of a recorded prompt', Object.keys(spokenIn), (records) => {
  const all = asked(records);

  it('is within a quarter, and mostly within a tenth, where there are texts alone', () => {
    const plain = all.filter(({ file, request: { messages, tools, responseFormat }, ratio }) => {
      const texts = messages.every(({ parts }) => parts.every(({ type }) => type === 'text'));
      // What a provider has looked up for itself is in no request.
      return texts && tools === undefined && responseFormat === undefined && ratio > 0.1 && !noLanguage.has(file);
    });
    expect(plain.length).toBeGreaterThan(10);
    expect(plain.filter(({ ratio }) => Math.abs(ratio - 1) > 0.25)).toEqual([]);
    expect(plain.filter(({ ratio }) => Math.abs(ratio - 1) > 0.1).length).toBeLessThanOrEqual(plain.length / 5);
  });

  it('is near the middle of what was counted where there are tools', () => {
    const tooled = all.filter(({ request: { tools = [] } }) => tools.length > 0 && tools.every(isFunction));
    const ratios = tooled.map(({ ratio }) => ratio).sort((a, b) => a - b);
    expect(ratios.length).toBeGreaterThan(100);
    expect(Math.abs((ratios[Math.floor(ratios.length / 2)] ?? 0) - 1)).toBeLessThan(0.1);
  });
});

function isFunction({ type }: NonNullable<ChatRequest['tools']>[number]): boolean {
  return type === 'function';
}
