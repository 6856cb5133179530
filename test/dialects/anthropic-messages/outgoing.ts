import { expect } from '@jest/globals';
import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';

/** Everything a request translated from another dialect may say at the top. */
const topLevel = new Set([
  'model',
  'max_tokens',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'thinking',
  'output_config',
  'stream',
]);

const blockKeys: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text'],
  image: ['type', 'source'],
  document: ['type', 'source', 'title'],
  thinking: ['type', 'thinking', 'signature'],
  redacted_thinking: ['type', 'data'],
  tool_use: ['type', 'id', 'name', 'input'],
  tool_result: ['type', 'tool_use_id', 'content', 'is_error'],
};

/** Checks a body against what the API answers 400 to. */
export function expectOutgoing(body: JsonObject): void {
  expect(Object.keys(body).filter((key) => !topLevel.has(key))).toEqual([]);
  const turns = asArray(body.messages).map((turn) => asObject(turn) ?? {});
  expect(turns.length).toBeGreaterThan(0);
  for (const [index, turn] of turns.entries()) {
    expect(turn.role).not.toBe(turns[index - 1]?.role);
    expectContent(turn);
  }
  for (const block of asArray(body.system)) expect(asObject(block)?.text ?? block).toMatch(/\S/);
  const last = asObject(asArray(turns.at(-1)?.content).at(-1));
  if (turns.at(-1)?.role === 'assistant' && last?.type === 'text') expect(last.text).toMatch(/\S$/);
  expectThinking(body);
  if (body.tool_choice !== undefined) expect(asArray(body.tools).length).toBeGreaterThan(0);
}

function expectContent({ content }: JsonObject): void {
  const blocks = asArray(content).map((block) => asObject(block) ?? {});
  const types = blocks.map(({ type }) => String(type));
  expect(blocks.length).toBeGreaterThan(0);
  expect(types.lastIndexOf('tool_result')).toBe(types.filter((type) => type === 'tool_result').length - 1);
  for (const block of blocks) {
    const keys = [...(blockKeys[String(block.type)] ?? []), 'cache_control'];
    expect(Object.keys(block).filter((key) => !keys.includes(key))).toEqual([]);
    if (block.type === 'text') expect(block.text).toMatch(/\S/);
    if (block.type === 'tool_use') expect(block).toMatchObject({ id: expect.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/) });
    if (block.type === 'tool_use') expect(asObject(block.input)).toBeDefined();
    if (block.type === 'tool_result') expect(block.tool_use_id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  }
}

function expectThinking(body: JsonObject): void {
  const thinking = asObject(body.thinking);
  if (thinking?.type === 'enabled') {
    expect(thinking.budget_tokens).toBeGreaterThanOrEqual(1024);
    expect(body.max_tokens).toBeGreaterThan(Number(thinking.budget_tokens));
    expect(['any', 'tool']).not.toContain(asObject(body.tool_choice)?.type);
  }
  if (thinking !== undefined && thinking.type !== 'disabled') expect([undefined, 1]).toContain(body.temperature);
  if (body.temperature !== undefined) expect(body.temperature).toBeGreaterThanOrEqual(0);
  if (body.temperature !== undefined) expect(body.temperature).toBeLessThanOrEqual(1);
}
