import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { drawFlaky } from '../../src/testing/faults/draw-flaky.ts';
import { parseFaults } from '../../src/testing/faults/parse-faults.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { ask, dialects, type Question, type Seen } from './support/ask.ts';
import { readStream, readWhole } from './support/read-answer.ts';

let wall: FakeProvider;

beforeEach(async () => {
  wall = await startFakeProvider({ seed: 7 });
});

afterEach(async () => {
  await wall.close();
});

describe('script', () => {
  it.each(dialects)('puts text, reasoning and tool calls into the words of %s', async (dialect) => {
    const reply = {
      text: ['One, ', 'two.'],
      reasoning: 'Counting is easy.',
      toolCalls: [{ name: 'count', arguments: { to: 3 } }],
      usage: { input: 100, output: 40, reasoning: 10, cacheRead: 60 },
    };
    wall.script(reply, reply);
    const stream = readStream(await ask(wall, { dialect, stream: true }));
    const whole = readWhole(await ask(wall, { dialect }));
    for (const read of [stream, whole]) {
      expect(read).toMatchObject({ text: 'One, two.', reasoning: 'Counting is easy.' });
      expect(read.toolCalls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([['count', { to: 3 }]]);
    }
    const expected = {
      'openai-chat': { prompt_tokens: 100, completion_tokens: 40, prompt_tokens_details: { cached_tokens: 60 } },
      'openai-responses': { input_tokens: 100, output_tokens: 40, input_tokens_details: { cached_tokens: 60 } },
      'anthropic-messages': { input_tokens: 40, cache_read_input_tokens: 60, output_tokens: 40 },
      'bedrock-converse': { inputTokens: 40, cacheReadInputTokens: 60, outputTokens: 40, totalTokens: 140 },
      'ollama-chat': { prompt_eval_count: 100, eval_count: 40 },
      'cohere-chat': { tokens: { input_tokens: 100, output_tokens: 40 } },
      gemini: { promptTokenCount: 100, candidatesTokenCount: 30, thoughtsTokenCount: 10, cachedContentTokenCount: 60 },
    }[dialect];
    expect(whole.usages[0]).toMatchObject(expected);
    expect(stream.usages.at(-1)).toMatchObject(expected);
  });

  it.each(dialects)('finishes as it is told in %s', async (dialect) => {
    wall.script({ text: 'I will not.', finish: 'content_filter' });
    const seen = await ask(wall, { dialect });
    const words = {
      'openai-chat': 'content_filter',
      'openai-responses': 'content_filter',
      'anthropic-messages': 'refusal',
      gemini: 'SAFETY',
      'bedrock-converse': 'content_filtered',
      'ollama-chat': 'stop',
      'cohere-chat': 'ERROR_TOXIC',
    };
    expect(readWhole(seen).finish).toBe(words[dialect]);
  });

  it('is used up call by call, then the built-in answers return', async () => {
    wall.script({ text: 'first' }, { text: 'second', fault: 'e503' }, { text: 'third' });
    const seen = await inTurn(4, { dialect: 'openai-chat' });
    expect(seen.map((one) => one.status)).toEqual([200, 503, 200, 200]);
    expect(seen.map((one) => readWhole(one).text)).toEqual(['first', '', 'third', expect.stringContaining('You said')]);
  });

  it('is not used up by a request that is refused', async () => {
    wall.script({ text: 'kept' });
    expect((await ask(wall, { dialect: 'openai-chat', fields: { temperature: 3 } })).status).toBe(400);
    expect(readWhole(await ask(wall, { dialect: 'openai-chat' })).text).toBe('kept');
  });

  it('sends bytes to the letter, whole or piece by piece', async () => {
    const head = { 'content-type': 'text/plain', 'x-mine': 'yes' };
    wall.script({ status: 418, headers: head, body: 'short and stout' });
    const whole = await ask(wall, { dialect: 'gemini' });
    expect([whole.status, whole.headers['x-mine'], whole.bytes.toString()]).toEqual([418, 'yes', 'short and stout']);
    const pieces = [Buffer.from([0xe2, 0x82]), Buffer.from([0xac]), 'data: x\n\n'];
    wall.script({ headers: head, body: pieces }, { headers: head, body: pieces, fault: 'cut(2)' });
    const streamed = await ask(wall, { dialect: 'gemini', stream: true });
    expect([streamed.bytes.toString(), streamed.chunkSizes]).toEqual(['\u20acdata: x\n\n', [2, 1, 9]]);
    const cut = await ask(wall, { dialect: 'gemini', stream: true });
    expect([cut.bytes.toString(), cut.end]).toEqual(['\u20ac', 'broken']);
  });
});

describe('breakWith and heal', () => {
  it('break and heal every call, lists of models included', async () => {
    wall.breakWith('e503');
    expect((await ask(wall, { dialect: 'openai-chat' })).status).toBe(503);
    expect((await fetch(`${wall.baseUrl('gemini')}/v1beta/models`)).status).toBe(503);
    wall.heal();
    expect((await ask(wall, { dialect: 'openai-chat' })).status).toBe(200);
    expect((await fetch(`${wall.baseUrl('gemini')}/v1beta/models`)).status).toBe(200);
  });

  it('override what the model asks for where both cannot be, and join it where they can', async () => {
    wall.breakWith('e503');
    expect((await ask(wall, { dialect: 'openai-chat', model: 'demo+cut(1)+gz', stream: true })).status).toBe(503);
    wall.breakWith('gz');
    const seen = await ask(wall, { dialect: 'openai-chat', model: 'demo+e429' });
    expect([seen.status, seen.headers['content-encoding']]).toEqual([429, 'gzip']);
    await wall.whenIdle();
    expect(wall.calls.map((call) => call.faults)).toEqual([
      ['gz', 'e503'],
      ['e429', 'gz'],
    ]);
  });

  it('refuses an expression that does not exist', () => {
    expect(() => wall.breakWith('e999')).toThrow('Unknown fault "e999"');
  });
});

describe('flaky', () => {
  it('FO-27 fails the given share of calls, each way about as often', () => {
    const random = seededRandom(7);
    const drawn = Array.from({ length: 10_000 }, () => drawFlaky(parseFaults('flaky(30)'), random).names.join());
    const share = (name: string): number => drawn.filter((faults) => faults === name).length / drawn.length;
    expect(Math.abs(share('flaky') - 0.7)).toBeLessThan(0.02);
    for (const name of ['e429', 'e500', 'e503', 'rst_before_headers', 'nohdr']) {
      expect(Math.abs(share(name) - 0.06)).toBeLessThan(0.01);
    }
  });

  it('fails the same calls for the same seed', async () => {
    const outcomes = async (): Promise<readonly string[]> => {
      await inTurn(25, { dialect: 'openai-chat', model: 'flaky(60)+slow(1)', patience: 150 });
      await wall.whenIdle();
      return wall.calls.map((call) => call.faults.join('+'));
    };
    const first = await outcomes();
    expect(first).toHaveLength(25);
    expect(new Set(first).size).toBeGreaterThan(3);
    wall.reset();
    expect(await outcomes()).toEqual(first);
  });
});

describe('the options', () => {
  it("give base URLs as the vendors' own clients take them", () => {
    expect(dialects.map((dialect) => wall.baseUrl(dialect).slice(wall.url.length))).toEqual([
      '/v1',
      '/v1',
      '',
      '',
      '',
      '',
      '',
    ]);
  });

  it('offer only the dialects named', async () => {
    const only = await startFakeProvider({ dialects: ['gemini'] });
    expect((await ask(only, { dialect: 'gemini' })).status).toBe(200);
    expect((await ask(only, { dialect: 'openai-chat' })).status).toBe(404);
    await only.close();
    await expect(startFakeProvider({ dialects: [] })).rejects.toThrow('"dialects" must name at least one');
  });

  it('pace the content chunks and the first of them', async () => {
    const slow = await startFakeProvider({ firstTokenDelay: 60, tokenDelay: 10 });
    const seen = await ask(slow, { dialect: 'openai-chat', stream: true, text: 'say: a b c d' });
    expect(seen.headersAfter).toBeLessThan(60);
    expect(seen.endAfter).toBeGreaterThan(60 + 3 * 9);
    await slow.close();
  });

  it('name the models', async () => {
    const named = await startFakeProvider({ models: ['mine'] });
    expect(await (await fetch(`${named.url}/v1/models`)).text()).toContain('"id":"mine"');
    await named.close();
  });
});

async function inTurn(count: number, question: Question): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (let number = 0; number < count; number += 1) seen.push(await ask(wall, question));
  return seen;
}
