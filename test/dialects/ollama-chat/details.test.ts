import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ChatAnswer, ChatRequest, Part } from '../../../src/dialects/canonical.ts';
import { ollamaChat } from '../../../src/dialects/ollama-chat/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { decodedAnswer } from '../contract/answer-laws.ts';
import { plainRequest, replyFor } from '../contract/samples.ts';
import { onePixel } from './samples.ts';

const ollama = ollamaChat();

function sentBody(change: Partial<ChatRequest>): JsonObject {
  return ollama.request.encode({ ...plainRequest, ...change }, { model: 'llama3.2' }).body;
}

function partsOf(message: JsonObject): readonly Part[] {
  return ollama.request.decode({ model: 'm', messages: [message] }, {}).messages[0]?.parts ?? [];
}

describe('an envelope', () => {
  it('asks for a stream unless the caller says otherwise, and always for usage', () => {
    const read = (body: JsonObject) => ollama.request.envelope({ model: 'm', ...body }, {});
    expect(read({})).toEqual({ model: 'm', stream: true, includeUsage: true });
    expect(read({ stream: null })).toMatchObject({ stream: true });
    expect(read({ stream: false })).toMatchObject({ stream: false });
  });
});

describe('ids of tool calls', () => {
  const call = { function: { name: 'now', arguments: {} } };
  const older = (createdAt: string): JsonObject => ({
    model: 'qwen2.5',
    created_at: createdAt,
    message: { role: 'assistant', content: '', tool_calls: [call, call] },
    done: true,
  });
  const ids = (answer: ChatAnswer) =>
    (answer.choices[0]?.parts ?? []).map((part) => (part.type === 'tool-call' ? part.id : ''));

  it('are made up where an older server gives none: always the same, and no two alike', () => {
    const first = ids(decodedAnswer(ollama, older('2026-01-02T03:04:05.1Z')));
    const later = ids(decodedAnswer(ollama, older('2026-01-02T03:04:05.2Z')));
    expect(ids(decodedAnswer(ollama, older('2026-01-02T03:04:05.1Z')))).toEqual(first);
    expect(new Set([...first, ...later]).size).toBe(4);
    for (const id of first) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
  });

  it('are not shown to Ollama when they were made up, and are when they were not', () => {
    const answer = decodedAnswer(ollama, older('2026-01-02T03:04:05.1Z'));
    expect(JSON.stringify(ollama.response.encode(answer, replyFor(answer)))).not.toContain('"id"');
    const [first = ''] = ids(answer);
    const history = (id: string): Partial<ChatRequest> => ({
      messages: [
        { role: 'assistant', parts: [{ type: 'tool-call', id, name: 'now', arguments: '' }] },
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: id, content: [] }] },
      ],
    });
    expect(sentBody(history(first)).messages).toEqual([
      { role: 'assistant', content: '', tool_calls: [{ type: 'function', ...call }] },
      { role: 'tool', content: '', tool_name: 'now' },
    ]);
    expect(sentBody(history('call_1')).messages).toEqual([
      { role: 'assistant', content: '', tool_calls: [{ id: 'call_1', type: 'function', ...call }] },
      { role: 'tool', content: '', tool_name: 'now', tool_call_id: 'call_1' },
    ]);
  });

  it('tie results to calls by the name of the tool, in the order of the calls, or by order alone', () => {
    const named = (name: string) => ({ function: { name, arguments: {} } });
    const { messages } = ollama.request.decode(
      {
        model: 'm',
        messages: [
          { role: 'assistant', tool_calls: [named('f'), named('g'), named('f')] },
          { role: 'tool', tool_name: 'g', content: 'of g' },
          { role: 'tool', tool_name: 'f', content: 'of the first f' },
          { role: 'tool', content: 'of the second f' },
        ],
      },
      {},
    );
    const calls = messages[0]?.parts.map((part) => (part.type === 'tool-call' ? part.id : '')) ?? [];
    const results = messages.slice(1).map(({ parts: [part] }) => part?.type === 'tool-result' && part.toolCallId);
    expect(results).toEqual([calls[1], calls[0], calls[2]]);
    expect(new Set(calls).size).toBe(3);
  });

  it('that results name are answered by them, so that later results find the calls of their own turn', () => {
    const turn = (id: string | undefined) => [
      { role: 'assistant', tool_calls: [{ ...call, ...(id !== undefined && { id }) }] },
      { role: 'tool', tool_name: 'now', content: 'noon', ...(id !== undefined && { tool_call_id: id }) },
    ];
    const { messages } = ollama.request.decode({ model: 'm', messages: [...turn('call_1'), ...turn(undefined)] }, {});
    const ids = messages.flatMap(({ parts }) =>
      parts.map((part) => (part.type === 'tool-call' ? part.id : part.type === 'tool-result' && part.toolCallId)),
    );
    expect(ids.slice(0, 2)).toEqual(['call_1', 'call_1']);
    expect(ids[3]).toBe(ids[2]);
    expect(ids[2]).not.toBe('call_1');
  });

  it('stay what they were when the conversation goes on, so that other providers can match them', () => {
    const turns: readonly JsonObject[] = [
      { role: 'user', content: 'Time?' },
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', content: 'noon', tool_name: 'now' },
    ];
    const asOpenai = (messages: readonly JsonObject[]) =>
      openaiChat().request.encode(ollama.request.decode({ model: 'm', messages }, {}), { model: 'gpt-4o' }).body
        .messages;
    const before = JSON.parse(JSON.stringify(asOpenai(turns)));
    const after = JSON.parse(JSON.stringify(asOpenai([...turns, { role: 'user', content: 'And now?' }])));
    expect(after.slice(0, 3)).toEqual(before);
    expect(before[2].tool_call_id).toBe(before[1].tool_calls[0].id);
  });
});

describe('images', () => {
  it('are told apart by how they begin, and sent without the prefix of a data URL', () => {
    const kinds = ['iVBORw0KGgo=', '/9j/4AAQ', 'R0lGODlh', 'UklGRiQA', 'Qk02', 'AAAA'].map((data) => {
      const [part] = partsOf({ role: 'user', images: [data] });
      return part?.type === 'image' && part.source.kind === 'base64' && part.source.mediaType;
    });
    expect(kinds).toEqual(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/png']);
    const [part] = partsOf({ role: 'user', images: [`data:image/webp;base64,${onePixel}`] });
    expect(part).toMatchObject({ source: { mediaType: 'image/webp', data: onePixel } });
  });

  it('of tool results stand in the result, and texts of one message in one content', () => {
    const source = { kind: 'base64', mediaType: 'image/png', data: onePixel } as const;
    const body = sentBody({
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'One.' },
            { type: 'image', source },
            { type: 'file', filename: 'a.txt', source: { kind: 'text', text: 'Two.' } },
            { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data: 'VGhyZWUu' } },
          ],
        },
        { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'a', content: [{ type: 'image', source }] }] },
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: 'One.\na.txt\n\nTwo.\nThree.', images: [onePixel] },
      { role: 'tool', content: '', images: [onePixel], tool_call_id: 'a' },
    ]);
  });

  it('by URL are fetched before, or refused, as is everything that is no text and no image', () => {
    const { needsBytes } = ollama.request;
    expect(needsBytes?.({ kind: 'url', url: 'https://example.com/a.png' }, { model: 'm' })).toBe(true);
    expect(needsBytes?.({ kind: 'base64', mediaType: 'image/png', data: '' }, { model: 'm' })).toBe(false);
    const source = { kind: 'url', url: 'https://example.com/a' } as const;
    const refused: readonly Part[] = [
      { type: 'image', source },
      { type: 'file', source },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERg==' } },
      { type: 'audio', source },
    ];
    for (const part of refused) {
      expect(() => sentBody({ messages: [{ role: 'user', parts: [part] }] })).toThrow(
        expect.objectContaining({ code: 'unsupported_parameter', param: 'messages' }),
      );
    }
  });
});

describe('parameters', () => {
  it('of the runner may come from OpenAI callers, and stand among the options', () => {
    const own = { num_ctx: 8192, min_p: 0.1, keep_alive: '1h', logit_bias: {} };
    const { body, dropped } = ollama.request.encode(
      { ...plainRequest, temperature: 0, extensions: { 'openai-chat': own } },
      { model: 'm' },
    );
    expect(body).toMatchObject({ options: { num_ctx: 8192, min_p: 0.1, temperature: 0 }, keep_alive: '1h' });
    expect(dropped).toEqual(['logit_bias']);
  });

  it('that speak to the gateway go no further', () => {
    const body = { model: 'm', messages: [], fallback: ['other'], options: { max_latency_ms: 500 } };
    const decoded = ollama.request.decode(body, {});
    expect(decoded.extensions).toBeUndefined();
    expect(ollama.request.encode(decoded, { model: 'm' }).body).toEqual({ model: 'm', messages: [], stream: true });
    expect(ollama.request.passThrough(body, { model: 'm' })).toBeUndefined();
    expect(ollama.request.passThrough({ model: 'm', messages: [], models: ['a'] }, { model: 'b' })).toEqual([
      ['model', '"b"'],
      ['models', undefined],
    ]);
  });

  it('ask for thinking in words the server knows', () => {
    const think = (reasoning: NonNullable<ChatRequest['reasoning']>) => sentBody({ reasoning }).think;
    expect([{ effort: 'none' }, { budgetTokens: 0 }, { enabled: false, effort: 'high' }].map(think)).toEqual(
      Array(3).fill(false),
    );
    expect(['minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'new'].map((effort) => think({ effort }))).toEqual([
      'low',
      'low',
      'medium',
      'high',
      'high',
      'max',
      true,
    ]);
    expect([4096, 4097, 20_000].map((budgetTokens) => think({ budgetTokens }))).toEqual(['low', 'medium', 'high']);
    expect([think({ enabled: true }), think({ includeText: true })]).toEqual([true, undefined]);
  });

  it('forbid or confine calls by the tools that are sent', () => {
    const tools = ['f', 'g'].map((name) => ({ type: 'function', name }) as const);
    const sent = (toolChoice: NonNullable<ChatRequest['toolChoice']>) =>
      JSON.stringify(sentBody({ tools, toolChoice }).tools ?? []).match(/"name":"[fg]"/g)?.length ?? 0;
    expect(sent({ type: 'auto' })).toBe(2);
    expect(sent({ type: 'none' })).toBe(0);
    expect(sent({ type: 'allowed', names: ['g'] })).toBe(1);
    expect(sent({ type: 'tool', name: 'f' })).toBe(1);
    expect(sent({ type: 'required' })).toBe(2);
  });
});

describe('an answer', () => {
  const reply = { model: 'm', fallbackId: 'f', created: 1_750_000_000, includeUsage: true };
  const said = (finishReason: 'stop' | 'tool_calls', rawFinishReason?: string): ChatAnswer => ({
    id: 'a',
    model: 'm',
    choices: [
      {
        index: 0,
        parts: [{ type: 'refusal', text: 'No.' }],
        finishReason,
        ...(rawFinishReason !== undefined && { rawFinishReason }),
      },
    ],
  });

  it('of another provider has a time, the text of a refusal, and how long it took where that is known', () => {
    const served = { provider: 'openai', elapsed: () => 12.5 };
    expect(ollama.response.encode(said('stop', 'end_turn'), { ...reply, served })).toEqual({
      model: 'm',
      created_at: '2025-06-15T15:06:40.000Z',
      message: { role: 'assistant', content: 'No.' },
      done: true,
      done_reason: 'stop',
      total_duration: 12_500_000,
    });
  });

  it('ends with a word that Ollama has', () => {
    const reason = (answer: ChatAnswer) => ollama.response.encode(answer, reply).done_reason;
    expect([said('tool_calls', 'tool_use'), said('stop', 'unload'), said('stop', 'length')].map(reason)).toEqual([
      'stop',
      'unload',
      'stop',
    ]);
  });

  it('that found its prompt in the cache counts what it says', () => {
    expect(ollama.usage.decode({ eval_count: 7 })).toEqual({ inputTokens: 0, outputTokens: 7 });
    expect(ollama.usage.decode({})).toBeUndefined();
  });

  it('is refused when it is but a line of a stream', () => {
    const line = { model: 'm', message: { role: 'assistant', content: 'Half an' }, done: false };
    expect(() => ollama.response.decode(line)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
  });
});

describe('a broken stream', () => {
  it('ends with a line that has nothing but the error', () => {
    const encoder = ollama.stream.encoder({ model: 'm', fallbackId: 'f', created: 1, includeUsage: true });
    const frame = String(encoder.fail(new GatewayError('upstream_truncated')));
    expect(frame).toMatch(/^\{"error":"[^"]+","code":"upstream_truncated"\}\n$/);
  });
});
