import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Attempt } from '../../src/attempt/attempt.ts';
import type { AttemptEnd } from '../../src/attempt/attempt-plan.ts';
import { readChatAnswer } from '../../src/attempt/chat-answer.ts';
import { ChatInquiry } from '../../src/attempt/chat-inquiry.ts';
import { readRequestFields } from '../../src/attempt/request-fields.ts';
import { errorCatalogue } from '../../src/core/error-catalogue.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { dialects } from '../../src/dialects/index.ts';
import { createPlanner } from '../../src/providers/planner.ts';
import { faultError } from '../../src/routing/fault-error.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { parseRequestBody } from '../../src/wire/parse-request-body.ts';
import { testCall } from '../core/support.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { chat, until } from '../support/test-app.ts';
import { type ExpressApp, startExpressApp } from './support/apps.ts';
import { connectTo, parseResponse, rawRequest, requestText } from './support/raw-client.ts';

const path = '/v1/chat/completions';
const unhandled: unknown[] = [];
const noteUnhandled = (thrown: unknown): void => void unhandled.push(thrown);

beforeAll(() => {
  process.on('unhandledRejection', noteUnhandled);
  process.on('uncaughtException', noteUnhandled);
});
afterAll(() => {
  process.off('unhandledRejection', noteUnhandled);
  process.off('uncaughtException', noteUnhandled);
});
afterEach(() => {
  expect(unhandled).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

type Chance = () => number;

const whole = (chance: Chance, below: number): number => Math.floor(chance() * below);
function pick<Value>(chance: Chance, values: readonly Value[]): Value {
  const value = values[whole(chance, values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

/** A request that uses everything a caller can. */
const rich = {
  model: 'openai/demo-small',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'developer', content: [{ type: 'text', text: 'Be kind.' }], name: 'd' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' } },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      refusal: null,
      reasoning_content: 'Hm.',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'a cat' },
    { role: 'user', content: 'And now?' },
  ],
  tools: [
    {
      type: 'function',
      function: {
        name: 'look',
        description: 'Looks.',
        strict: true,
        parameters: {
          type: 'object',
          properties: { at: { $ref: '#/$defs/n' } },
          $defs: { n: { anyOf: [{ type: 'number' }, { type: 'null' }] } },
        },
      },
    },
  ],
  tool_choice: { type: 'function', function: { name: 'look' } },
  parallel_tool_calls: false,
  response_format: {
    type: 'json_schema',
    json_schema: { name: 's', schema: { type: 'object', properties: {} }, strict: true },
  },
  max_completion_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  n: 1,
  stop: ['\n'],
  seed: 7,
  logprobs: true,
  top_logprobs: 2,
  logit_bias: { '50256': -100 },
  presence_penalty: 0.1,
  frequency_penalty: 0.1,
  reasoning_effort: 'low',
  user: 'u',
  metadata: { a: 'b' },
  stream: true,
  stream_options: { include_usage: true },
  fallback: ['gemini/demo-small'],
  options: { max_latency_ms: 1000 },
};

const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  '',
  ' ',
  'text',
  '\u0000',
  '\ud800',
  'data:',
  'data:x',
  'http://[',
  'x'.repeat(300),
  [],
  [[]],
  [null],
  ['text'],
  [{}],
  {},
  { type: null },
  { type: 'text' },
  { type: 'function' },
  { $ref: '#' },
  { properties: { a: { $ref: '#/properties/a' } } },
  { toString: 1 },
  { length: -1 },
];

/** A copy with some places replaced, removed, doubled or renamed. */
function mutated(value: unknown, chance: Chance): unknown {
  if (chance() < 0.04) return pick(chance, oddValues);
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => {
      const roll = chance();
      if (roll < 0.03) return [];
      return roll < 0.06 ? [mutated(item, chance), mutated(item, chance)] : [mutated(item, chance)];
    });
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      const roll = chance();
      if (roll < 0.03) return [];
      return [
        [
          roll < 0.05 ? pick(chance, ['type', 'role', 'content', 'x', 'constructor', 'hasOwnProperty']) : key,
          mutated(item, chance),
        ],
      ];
    }),
  );
}

describe('HC-25: generated bodies', () => {
  it('10,000 of them become a request for each provider, or a 4xx of the catalogue', async () => {
    const chance = seededRandom(20_251);
    const baseUrl = 'http://127.0.0.1:1';
    const apiKey = 'provider-key-0123456789';
    const providers = {
      openai: { apiKey, baseUrl },
      anthropic: { apiKey, baseUrl },
      gemini: { apiKey, baseUrl },
      mistral: { apiKey, baseUrl },
      groq: { apiKey, baseUrl },
    };
    const planner = createPlanner({ providers, models: undefined, environment: {} });
    const names = Object.keys(providers);
    let served = 0;
    for (let index = 0; index < 10_000; index += 1) {
      const body = mutated({ ...rich, model: `${pick(chance, names)}/demo-small` }, chance);
      let bytes = Buffer.from(JSON.stringify(body));
      if (chance() < 0.1) bytes = bytes.subarray(0, whole(chance, bytes.length));
      if (chance() < 0.1) bytes[whole(chance, bytes.length)] = whole(chance, 256);
      try {
        const parsed = parseRequestBody(bytes);
        const { call } = testCall();
        const dialect = dialects['openai-chat'];
        const fields = readRequestFields(call, parsed.json, dialect);
        call.stream = fields.stream;
        const inquiry = new ChatInquiry({ call, body: parsed, dialect, includeUsage: fields.includeUsage });
        for (const link of planner.plan(fields.model, fields.fallback)) {
          for (const target of link.targets) {
            const outgoing = await inquiry.prepare(target);
            if (typeof JSON.parse(outgoing.body.toString()) === 'object') served += 1;
          }
        }
      } catch (thrown) {
        if (!(thrown instanceof GatewayError))
          throw new Error(`${bytes.toString()}\n${String(thrown)}`, { cause: thrown });
        expect(errorCatalogue[thrown.code]).toBeDefined();
        if (thrown.status >= 500) throw new Error(`${thrown.code} for ${bytes.toString()}`, { cause: thrown });
      }
    }
    // Most must get far enough to prove something.
    expect(served).toBeGreaterThan(1_000);
  });
});

const answers = {
  'openai-chat': {
    whole:
      '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","reasoning_content":"hm","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop","logprobs":{"content":[{"token":"a","logprob":-1,"top_logprobs":[]}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0}}}',
    stream:
      'data: {"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"},"finish_reason":null}]}\n\n' +
      'data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{\\"a\\""}}]}}]}\n\n' +
      'data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":"tool_calls"}]}\n\n' +
      'data: {"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
  },
  'anthropic-messages': {
    whole:
      '{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"hi"},{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":0}}',
    stream:
      'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n' +
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\nevent: ping\ndata: {"type":"ping"}\n\n' +
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\nevent: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
      'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}\n\n' +
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}\n\nevent: content_block_stop\ndata: {"type":"content_block_stop","index":1}\n\n' +
      'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":2}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
  gemini: {
    whole:
      '{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"hi"},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"s"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3},"modelVersion":"m","responseId":"r"}',
    stream:
      'data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"hi"}]}}],"modelVersion":"m","responseId":"r"}\n\n' +
      'data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}\n\n',
  },
} as const;

/** Text with JSON in it, with some of that JSON mutated, or some bytes. */
function damaged(text: string, chance: Chance): Buffer {
  const mutateJson = (json: string): string => {
    const value = mutated(JSON.parse(json), chance);
    return value === undefined ? json : JSON.stringify(value);
  };
  const lines = text.split('\n').map((line) => {
    if (line.startsWith('data: {') && chance() < 0.5) return `data: ${mutateJson(line.slice(6))}`;
    if (line.startsWith('{')) return mutateJson(line);
    return chance() < 0.03
      ? pick(chance, ['', 'data:', 'event: error', ': x', 'data: {', 'data: [DONE]', line + line])
      : line;
  });
  const bytes = Buffer.from(lines.join('\n'));
  for (let count = chance() < 0.3 ? 1 + whole(chance, 3) : 0; count > 0; count -= 1)
    bytes[whole(chance, bytes.length)] = whole(chance, 256);
  return chance() < 0.1 ? bytes.subarray(0, whole(chance, bytes.length)) : bytes;
}

describe('HC-25: generated answers of providers', () => {
  it.each(Object.keys(answers) as (keyof typeof answers)[])(
    '5,000 of %s end an attempt exactly once, in an answer or a fault',
    async (name) => {
      const chance = seededRandom(909);
      const ends: AttemptEnd['status'][] = [];
      for (let index = 0; index < 5_000; index += 1) {
        const stream = chance() < 0.7;
        const { call, runtime } = testCall();
        call.stream = stream || chance() < 0.2;
        const inbound = dialects[chance() < 0.2 ? name : 'openai-chat'];
        let settled = 0;
        const attempt = new Attempt({
          call,
          record: { id: 'a', number: 1, provider: 'p', model: 'm', startedAt: 0 },
          inbound,
          outbound: dialects[name],
          passThrough: inbound.name === name && chance() < 0.5,
          read: readChatAnswer,
          promptTokens: () => 9,
          reply: { model: 'm', fallbackId: 'id', created: 1, includeUsage: chance() < 0.5 },
          limits: { firstToken: 1000, idle: 500, total: 5000 },
          toError: faultError,
          onEnd: (end) => {
            settled += 1;
            ends.push(end.status);
          },
        } as ConstructorParameters<typeof Attempt>[0]);
        attempt.attach({ sent: true, pause() {}, resume() {}, abort() {} });
        const bytes = damaged(stream ? answers[name].stream : answers[name].whole, chance);
        attempt.onHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
        for (let start = 0; start < bytes.length; ) {
          const size = 1 + whole(chance, chance() < 0.3 ? 3 : 400);
          attempt.onData(bytes.subarray(start, start + size));
          start += size;
        }
        attempt.onEnd();
        runtime.advance(10_000);
        if (settled !== 1) throw new Error(`Settled ${settled} times: ${bytes.toString()}`);
        if (runtime.pendingTimers() !== 0) throw new Error(`A timer is left: ${bytes.toString()}`);
        const result = await attempt.result;
        if (result.kind === 'answered' && result.reply.kind === 'stream') {
          let endings = 0;
          const ended = (): void => {
            endings += 1;
          };
          result.reply.source.start({ write: () => true, end: ended, fail: ended });
          if (endings !== 1) throw new Error(`Ended ${endings} times: ${bytes.toString()}`);
        }
      }
      // Both must happen, or nothing was tested.
      expect(ends.filter((status) => status === 'ok').length).toBeGreaterThan(200);
      expect(ends.filter((status) => status !== 'ok').length).toBeGreaterThan(200);
    },
  );
});

describe('HC-25: raw bytes', () => {
  let wall: FakeProvider;
  let app: ExpressApp;
  beforeAll(async () => {
    wall = await startFakeProvider();
    app = await startExpressApp(wall);
  });
  afterAll(async () => {
    await until(() => app.witness.settlements.length === app.witness.calls.length);
    await wall.whenIdle();
    await app.close();
    await wall.close();
  });

  it('3,000 damaged requests: an answer of the catalogue or a closed connection, never a crash', async () => {
    const chance = seededRandom(77);
    const body = JSON.stringify({ model: 'openai/demo-small', messages: [{ role: 'user', content: 'hi' }] });
    const plain = requestText(path, body);
    const chunked = Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
    const damage = (): Buffer => {
      const bytes = Buffer.from(chance() < 0.7 ? plain : chunked);
      const kind = chance();
      if (kind < 0.15) return bytes.subarray(0, whole(chance, bytes.length));
      if (kind < 0.3) {
        const at = whole(chance, bytes.length);
        return Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(pick(chance, ['\r\n', '\n', '\0', ' ', ':', '\r\n\r\n', 'Host: b\r\n', '\u00ff'])),
          bytes.subarray(at),
        ]);
      }
      if (kind < 0.35) return Buffer.from(Array.from({ length: 1 + whole(chance, 200) }, () => whole(chance, 256)));
      for (let count = 1 + whole(chance, 5); count > 0; count -= 1)
        bytes[whole(chance, bytes.length)] = whole(chance, 256);
      return bytes;
    };
    const seen = new Map<number, number>();
    const one = async (): Promise<void> => {
      const bytes = damage();
      // Half-closing tells the server that nothing more comes; what is incomplete is given up at once.
      const answer = await answerTo(bytes);
      const { status, headers, body: sent } = parseResponse(answer);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      if (status === 0 || (status >= 200 && status < 300)) return;
      // Node itself refuses a request without a Host.
      if (status === 400 && headers['content-type'] === undefined) return;
      const text = sent.subarray(0, Number(headers['content-length'])).toString();
      const code = JSON.parse(text).error.code as keyof typeof errorCatalogue;
      if (errorCatalogue[code] === undefined || status >= 500)
        throw new Error(`${status} ${text} for ${JSON.stringify(bytes.toString('latin1'))}`);
    };
    for (let round = 0; round < 30; round += 1) await Promise.all(Array.from({ length: 100 }, one));
    // Most must have been answered, or nothing was tested.
    expect(seen.get(400)).toBeGreaterThan(300);
    expect((await chat(app.url, body)).status).toBe(200);
  });

  function answerTo(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      const socket = connectTo(app.url);
      const chunks: Buffer[] = [];
      const timer = setTimeout(() => socket.destroy(), 60);
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        // Whatever has begun to answer does so in one piece.
        clearTimeout(timer);
        setImmediate(() => socket.destroy());
      });
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks));
      });
      socket.write(bytes);
    });
  }

  it('is still there for the next caller', async () => {
    const { bytes } = await rawRequest(app.url, requestText(path, '{'), { patience: 100 });
    expect(parseResponse(bytes).status).toBe(400);
  });
});
