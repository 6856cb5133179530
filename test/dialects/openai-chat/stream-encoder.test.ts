import { describe, expect, it } from '@jest/globals';
import type { ChatEvent, Opaque } from '../../../src/dialects/canonical.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { wireEvents } from '../../support/corpus.ts';
import { chunkProblems } from '../../support/openai-chunk-grammar.ts';

const start: ChatEvent = { type: 'start', id: 'c1', model: 'upstream-model', created: 5 };
const finish: ChatEvent = { type: 'finish', choice: 0, reason: 'stop' };
const usage: ChatEvent = { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, cacheReadTokens: 1 } };
const done: ChatEvent = { type: 'done' };

function text(words: string): ChatEvent {
  return { type: 'text-delta', choice: 0, text: words };
}

function encode(events: readonly ChatEvent[], includeUsage = false): string {
  const reply = { model: 'served-model', fallbackId: 'fallback', created: 9, includeUsage };
  const encoder = openaiChat().stream.encoder(reply);
  return events.map((event) => encoder.encode(event)).join('');
}

/** The deltas of choice 0. */
function deltas(events: readonly ChatEvent[]): unknown[] {
  return wireEvents([Buffer.from(encode(events))])
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data).choices[0].delta);
}

const head = '{"id":"c1","object":"chat.completion.chunk","created":5,"model":"served-model"';

describe('chunks for callers', () => {
  it('are what clients of OpenAI expect, to the byte', () => {
    expect(encode([start, text('Hel'), text('lo'), finish, usage, done])).toBe(
      [
        `data: ${head},"choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"logprobs":null,"finish_reason":null}]}\n\n`,
        `data: ${head},"choices":[{"index":0,"delta":{"content":"lo"},"logprobs":null,"finish_reason":null}]}\n\n`,
        `data: ${head},"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\n`,
        'data: [DONE]\n\n',
      ].join(''),
    );
  });

  it('tell usage to those who asked: after the finish reason, in a chunk of its own', () => {
    const frames = encode([start, text('Hi'), finish, usage, done], true).split('\n\n');
    expect(frames[0]).toMatch(/"finish_reason":null}],"usage":null}$/);
    expect(frames[2]).toBe(
      `data: ${head},"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":1}}}`,
    );
  });

  it('use the id and the time they are given where the provider has none', () => {
    const [first] = wireEvents([Buffer.from(encode([{ type: 'start', id: '', model: '' }, text('Hi')]))]);
    expect(JSON.parse(first?.data ?? '')).toMatchObject({ id: 'fallback', created: 9, model: 'served-model' });
  });

  it('have a role even when the answer is empty', () => {
    const stream = encode([start, finish, done]);
    expect(chunkProblems(stream, { usage: false })).toEqual([]);
    expect(deltas([start, finish, done])).toEqual([{ role: 'assistant', content: '' }, {}]);
  });

  it('PT-04: carry any text in exactly one frame', () => {
    const hostile = 'a\n\ndata: [DONE]\n\nb\r\rc\u2028d\u0000e\u2029"}]}';
    const events: ChatEvent[] = [
      { type: 'start', id: `x\n\n${hostile}`, model: 'm' },
      text(hostile),
      { type: 'tool-call-start', choice: 0, index: 0, id: hostile, name: hostile },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: hostile },
      { type: 'extension', dialect: 'openai-chat', data: { [hostile]: hostile } },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      done,
    ];
    const frames = wireEvents([Buffer.from(encode(events))]);
    expect(frames).toHaveLength(5);
    expect(JSON.parse(frames[0]?.data ?? '').choices[0].delta.content).toBe(hostile);
    expect(JSON.parse(frames[1]?.data ?? '').choices[0].delta.tool_calls[0]).toMatchObject({ id: hostile });
    expect(JSON.parse(frames[3]?.data ?? '')[hostile]).toBe(hostile);
  });

  it('begin calls with id, type and name, and go on with arguments alone', () => {
    const events: ChatEvent[] = [
      start,
      { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"x":1}' },
      { type: 'tool-call-start', choice: 0, index: 1, id: 'b', name: 'g' },
      { type: 'tool-call-end', choice: 0, index: 0 },
      { type: 'tool-call-end', choice: 0, index: 1 },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
    ];
    expect(deltas(events)).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"x":1}' } }] },
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ]);
  });

  it('give a call whose end nobody announced its empty arguments', () => {
    const events: ChatEvent[] = [
      start,
      { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
    ];
    expect(deltas(events)[1]).toEqual({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] });
  });

  it('put log probabilities beside the text they belong to', () => {
    const logprobs = { content: [{ token: 'Hi', logprob: -1 }], refusal: null };
    const [first] = wireEvents([Buffer.from(encode([start, { type: 'logprobs', choice: 0, logprobs }, text('Hi')]))]);
    expect(JSON.parse(first?.data ?? '').choices[0]).toMatchObject({ delta: { content: 'Hi' }, logprobs });
  });

  it('keep the log probabilities of tokens that are no text yet', () => {
    const noted = (token: string): ChatEvent => ({ type: 'logprobs', choice: 0, logprobs: { content: [{ token }] } });
    const [first] = wireEvents([Buffer.from(encode([start, noted('a'), noted('b'), text('\u00e9')]))]);
    expect(JSON.parse(first?.data ?? '').choices[0].logprobs).toEqual({ content: [{ token: 'a' }, { token: 'b' }] });
  });

  it('keep what only this dialect knows and leave out what others know', () => {
    const events: ChatEvent[] = [
      start,
      { type: 'extension', dialect: 'openai-chat', data: { system_fingerprint: 'fp', citations: ['u'] } },
      { type: 'extension', dialect: 'gemini', data: { modelVersion: '1' } },
      text('a'),
      text('b'),
      { type: 'extension-part', choice: 0, part: { type: 'extension', dialect: 'gemini', data: { x: 1 } } },
      { type: 'extension', choice: 0, dialect: 'openai-chat', data: { native_finish_reason: 'x' } },
      finish,
    ];
    const chunks = wireEvents([Buffer.from(encode(events))]).map(({ data }) => JSON.parse(data));
    expect(chunks.map((one) => one.system_fingerprint)).toEqual(['fp', 'fp', 'fp']);
    expect(chunks.map((one) => one.citations)).toEqual([['u'], undefined, undefined]);
    expect(chunks[2].choices[0].native_finish_reason).toBe('x');
    expect(JSON.stringify(chunks)).not.toContain('modelVersion');
  });
});

describe('reasoning for callers', () => {
  const anthropic = (value: string): Opaque => ({ dialect: 'anthropic-messages', value });
  const think = (words: string): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text: words });
  const end = (signature?: Opaque): ChatEvent =>
    signature === undefined ? { type: 'part-end', choice: 0 } : { type: 'part-end', choice: 0, signature };

  it('is text, then one entry that holds the whole signed text', () => {
    expect(deltas([start, think('Let '), think('me.'), end(anthropic('c2ln')), text('Done'), end()])).toEqual([
      { role: 'assistant', content: null, reasoning_content: 'Let ' },
      { reasoning_content: 'me.' },
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'Let me.', index: 0, signature: 'c2ln', format: 'anthropic-claude-v1' },
        ],
      },
      { content: 'Done' },
    ]);
  });

  it('carries redacted thinking and signatures of text as encrypted entries', () => {
    expect(
      deltas([
        start,
        { type: 'reasoning-redacted', choice: 0, redacted: anthropic('ZW5j') },
        text('Done'),
        end({ dialect: 'gemini', value: 'Z2Vt' }),
      ]),
    ).toMatchObject([
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'ZW5j', format: 'anthropic-claude-v1', index: 0 }] },
      { content: 'Done' },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'Z2Vt', format: 'google-gemini-v1', index: 1 }] },
    ]);
  });

  it('lists unsigned thoughts beside a signed one, so that readers of the entries miss nothing', () => {
    const all = deltas([start, think('A'), end(), think('B'), end(anthropic('c2ln'))]);
    expect(all.at(-1)).toEqual({
      reasoning_details: [
        { type: 'reasoning.text', text: 'A', format: 'unknown', index: 0 },
        { type: 'reasoning.text', text: 'B', index: 1, signature: 'c2ln', format: 'anthropic-claude-v1' },
      ],
    });
  });

  it('lists unsigned thoughts beside a signature without a text, which is all that is signed by then', () => {
    const all = deltas([
      start,
      think('A'),
      end(),
      think(''),
      end(anthropic('c2ln')),
      think('B'),
      end(anthropic('ZW5j')),
    ]);
    expect(all.slice(1)).toEqual([
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'A', format: 'unknown', index: 0 },
          { type: 'reasoning.text', text: '', index: 1, signature: 'c2ln', format: 'anthropic-claude-v1' },
        ],
      },
      { reasoning_content: 'B' },
      {
        reasoning_details: [
          { type: 'reasoning.text', text: 'B', index: 2, signature: 'ZW5j', format: 'anthropic-claude-v1' },
        ],
      },
    ]);
  });

  it('takes an empty signature for none', () => {
    expect(deltas([start, think('A'), end(anthropic(''))])).toEqual([
      { role: 'assistant', content: null, reasoning_content: 'A' },
    ]);
  });

  it("puts Gemini's signature of a call where Google puts it", () => {
    const signature: Opaque = { dialect: 'gemini', value: 'Z2Vt' };
    const [first] = deltas([start, { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f', signature }]);
    expect(first).toMatchObject({
      tool_calls: [{ id: 'a', extra_content: { google: { thought_signature: 'Z2Vt' } } }],
    });
  });
});
