import { expect, it } from '@jest/globals';
import { OutputMeter } from '../../../src/attempt/output-meter.ts';
import { tokenizerOf } from '../../../src/dialects/token-estimate/tokenizer.ts';
import { type ChatRecordDigest, type CorpusRecord, describeCorpus } from '../../support/corpus.ts';

it.each([
  ['claude-3-5-haiku-20241022', 1.11],
  ['us.anthropic.claude-sonnet-4-6', 1.11],
  ['claude-opus-4-20250514', 1.11],
  ['claude-haiku-4-5@20251001', 1.11],
  ['claude-opus-4-7', 1.5],
  ['anthropic/claude-opus-4.8', 1.5],
  ['claude-sonnet-5', 1.5],
  ['gemini-2.5-pro', 1.05],
  ['gpt-4o', 1],
  ['llama-3.3-70b', 1],
])('counts %s with its own rate', (model, rate) => {
  expect(tokenizerOf(model).rate).toBe(rate);
});

/** All folders of answers to chats. */
const folders = [
  'anthropic-messages',
  'azure-chat',
  'bedrock-converse',
  'cohere-chat-v2',
  'deepseek-chat',
  'gemini-generate',
  'groq-chat',
  'hf-chat',
  'mistral-chat',
  'ollama-chat',
  'openai-chat',
  'openai-responses',
  'openrouter-chat',
  'vertex-anthropic',
] as const;

/** What is counted but is in no text: pictures, sound, tools that run at the provider, reasoning that is not shown. */
const unseen = /^out\.(?:image|audio|server_tool|citations|redacted_thinking|reasoning_item|signature|n)$/;
/** Models that show a summary of their reasoning, or say that there is some. */
const summarizing = /gemini|nova/;
/** Short answers say little of an estimate. */
const leastTokens = 150;

interface Measured {
  readonly file: string;
  readonly model: string;
  readonly ratio: number;
}

/** Recorded answers that consist of what was counted, and nothing else. */
function measured(records: readonly CorpusRecord[]): readonly Measured[] {
  return records.flatMap(({ file, model, digest, features, provenance, status }): readonly Measured[] => {
    if (digest?.kind !== 'chat' || status !== 200 || !provenance.startsWith('recorded')) return [];
    const output = digest.usage?.output ?? 0;
    if (model === null || output < leastTokens || [...features].some((feature) => unseen.test(feature))) return [];
    if (digest.tool_calls.length > 0 || digest.usage?.reasoning) return [];
    if (digest.reasoning !== undefined && summarizing.test(model)) return [];
    return [{ file, model, ratio: estimated(model, digest) / output }];
  });
}

function estimated(model: string, { text, reasoning = '', tool_calls: calls }: ChatRecordDigest): number {
  const meter = new OutputMeter(model);
  for (const { name, args, args_raw_invalid_json: raw } of calls) {
    meter.part({ type: 'tool-call', id: '', name, arguments: raw ?? JSON.stringify(args ?? {}) });
  }
  meter.part({ type: 'text', text });
  meter.part({ type: 'reasoning', text: reasoning });
  return meter.tokens;
}

describeCorpus('the estimate of a recorded answer', folders, (records) => {
  const all = measured(records);
  const off = (tolerance: number, of: readonly Measured[]): readonly Measured[] =>
    of.filter(({ ratio }) => Math.abs(ratio - 1) > tolerance);

  it('has answers of many models to compare with', () => {
    expect(all.length).toBeGreaterThan(40);
    expect(new Set(all.map(({ model }) => tokenizerOf(model).rate)).size).toBe(4);
  });
  it('is within a tenth of the count where the tokenizer is OpenAI\u2019s', () => {
    const openai = all.filter(({ model }) => model.startsWith('gpt-'));
    expect(openai.length).toBeGreaterThan(5);
    expect(off(0.1, openai)).toEqual([]);
  });

  it('is within a quarter for all, and within a tenth for nine in ten', () => {
    expect(off(0.25, all)).toEqual([]);
    expect(off(0.1, all).length).toBeLessThanOrEqual(all.length / 10);
  });

  it.each([1.5, 1.11, 1])('leans to neither side (rate %s)', (rate) => {
    const ratios = all.filter(({ model }) => tokenizerOf(model).rate === rate).map(({ ratio }) => ratio);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.06);
  });
});

describeCorpus('the estimate of a recorded call of tools', folders, (records) => {
  it.each([
    ['Claude', /claude/, 0.25],
    ['OpenAI', /^gpt-4/, 0.25],
  ])('counts the frame of a call: %s', (_, match, tolerance) => {
    let tokens = 0;
    let actual = 0;
    for (const { digest, model, features } of records) {
      if (digest?.kind !== 'chat' || model === null || !match.test(model) || digest.tool_calls.length === 0) continue;
      if ([...features].some((feature) => unseen.test(feature)) || digest.reasoning || !digest.usage?.output) continue;
      tokens += estimated(model, digest);
      actual += digest.usage.output;
    }
    expect(actual).toBeGreaterThan(1_000);
    expect(Math.abs(tokens / actual - 1)).toBeLessThan(tolerance);
  });
});
