import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Attempt } from '../../src/attempt/attempt.ts';
import type { AttemptEnd } from '../../src/attempt/attempt-plan.ts';
import { readChatAnswer } from '../../src/attempt/chat-answer.ts';
import { ChatInquiry } from '../../src/attempt/chat-inquiry.ts';
import { fittingTargets } from '../../src/attempt/fitting-targets.ts';
import { readRequestFields } from '../../src/attempt/request-fields.ts';
import type { DialectName } from '../../src/core/dialect-name.ts';
import { errorCatalogue } from '../../src/core/error-catalogue.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { ChatEvent } from '../../src/dialects/canonical.ts';
import { dialects } from '../../src/dialects/index.ts';
import { createPlanner, type Planner } from '../../src/providers/planner.ts';
import type { Target } from '../../src/providers/provider.ts';
import { faultError } from '../../src/routing/fault-error.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { parseRequestBody } from '../../src/wire/parse-request-body.ts';
import { testCall } from '../core/support.ts';
import { samples as anthropicMessages } from '../dialects/anthropic-messages/samples.ts';
import { samples as bedrockConverse } from '../dialects/bedrock-converse/samples.ts';
import { samples as cohereChat } from '../dialects/cohere-chat/samples.ts';
import type { DialectSamples } from '../dialects/contract/samples.ts';
import { samples as gemini } from '../dialects/gemini/samples.ts';
import { samples as ollamaChat } from '../dialects/ollama-chat/samples.ts';
import { samples as openaiChat } from '../dialects/openai-chat/samples.ts';
import { samples as openaiResponses } from '../dialects/openai-responses/samples.ts';
import { ample } from '../support/ample.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { chat, until } from '../support/test-app.ts';
import { type ExpressApp, startExpressApp } from './support/apps.ts';
import { damagedBytes, damagedStream, mutated, pick, whole, writtenStream } from './support/damage.ts';
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

/** What each dialect shows of itself; our own short form takes what a chat completion takes. */
const samplesOf: Readonly<Record<DialectName, DialectSamples>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
  'bedrock-converse': bedrockConverse,
  'cohere-chat': cohereChat,
  'ollama-chat': ollamaChat,
  'plain-chat': openaiChat,
};
const callerNames = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere-chat',
  'ollama-chat',
  'plain-chat',
] as const;
const providerDialects = callerNames.filter((name) => name !== 'plain-chat');

/** Models with different rules at providers of every dialect. */
const models = [
  'openai/gpt-4o',
  'openai/o3',
  'openai/gpt-5-codex',
  'anthropic/claude-sonnet-4-5',
  'anthropic/claude-3-5-haiku-20241022',
  'gemini/gemini-2.5-flash',
  'gemini/gemini-3-flash-preview',
  'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  'bedrock/meta.llama3-1-8b-instruct-v1:0',
  'cohere/command-a-reasoning-08-2025',
  'ollama/gpt-oss:20b',
  'mistral/magistral-medium-latest',
  'groq/openai/gpt-oss-120b',
] as const;

function everyProvider(): Planner {
  const known = { apiKey: 'provider-key-0123456789', baseUrl: 'http://127.0.0.1:1' };
  const names = ['openai', 'anthropic', 'gemini', 'cohere', 'ollama', 'mistral', 'groq'];
  const providers = Object.fromEntries(names.map((name) => [name, known]));
  return createPlanner({
    providers: { ...providers, bedrock: { ...known, region: 'us-east-1' } },
    models: undefined,
    environment: {},
  });
}

describe('HC-25: generated bodies', () => {
  const planner = everyProvider();

  it.each(callerNames)(
    '2,000 in %s become a request for providers of every dialect, or a 4xx of the catalogue',
    async (name) => {
      const chance = seededRandom(20_251);
      const dialect = dialects[name];
      const requests = samplesOf[name].requests.map(({ body, origin = {} }) => ({ body: body as object, origin }));
      if (dialect.name === 'openai-chat') requests.push({ body: rich, origin: {} });
      let served = 0;
      for (let index = 0; index < 2_000; index += 1) {
        const { body, origin } = pick(chance, requests);
        const model = pick(chance, models);
        const named = 'model' in body ? { ...body, model } : body;
        let bytes: Buffer = Buffer.from(JSON.stringify(mutated(named, chance)));
        if (chance() < 0.1) bytes = damagedBytes(bytes, chance);
        try {
          const parsed = parseRequestBody(bytes);
          const { call } = testCall({
            dialect: name,
            origin: origin.model === undefined ? origin : { ...origin, model },
          });
          const fields = readRequestFields(call, parsed.json, dialect);
          call.stream = fields.stream;
          const inquiry = new ChatInquiry({ call, body: parsed, dialect, includeUsage: fields.includeUsage });
          const asked = planner.plan(fields.model, fields.fallback);
          const others = [1, 2, 3].flatMap(() => planner.plan(pick(chance, models), []));
          const targets = [...asked, ...others].flatMap((link) => link.targets);
          const fitting = fittingTargets({
            call,
            body: parsed,
            canonical: () => inquiry.canonical(),
            targets,
            unsupported: 'drop',
          });
          for (const target of fitting) served += (await isServed(inquiry, target)) ? 1 : 0;
        } catch (thrown) {
          checkRefusal(thrown, bytes);
        }
      }
      // Most must get far enough to prove something.
      expect(served).toBeGreaterThan(1_000);
    },
  );
});

/** Whether a target gets a request; the others are refused in words of the catalogue. */
async function isServed(inquiry: ChatInquiry, target: Target): Promise<boolean> {
  try {
    const outgoing = await inquiry.prepare(target);
    return typeof JSON.parse(outgoing.body.toString()) === 'object';
  } catch (thrown) {
    checkRefusal(thrown, target.id);
    return false;
  }
}

function checkRefusal(thrown: unknown, asked: Buffer | string): void {
  const code = thrown instanceof GatewayError ? thrown.code : undefined;
  if (!(thrown instanceof GatewayError) || thrown.status >= 500 || errorCatalogue[thrown.code] === undefined)
    throw new Error(`${code ?? String(thrown)} for ${asked.toString()}`, { cause: thrown });
}

describe('HC-25: generated answers of providers', () => {
  it.each(providerDialects)('5,000 of %s end an attempt exactly once, in an answer or a fault', async (name) => {
    const chance = seededRandom(909);
    const ends: AttemptEnd['status'][] = [];
    const { framing } = dialects[name].stream;
    const { answers, streams } = samplesOf[name];
    const bodies = [...answers.map(({ body }) => body), ...streams.map((stream) => stream.whole)];
    for (let index = 0; index < 5_000; index += 1) {
      const stream = chance() < 0.7;
      const { call, runtime } = testCall();
      call.stream = stream || chance() < 0.2;
      const inbound = dialects[chance() < 0.3 ? name : pick(chance, callerNames)];
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
      const bytes = stream
        ? damagedStream(pick(chance, streams).events, framing, chance)
        : damagedBytes(Buffer.from(JSON.stringify(mutated(pick(chance, bodies), chance))), chance);
      attempt.onHead(200, { 'content-type': stream ? framing.mediaType : 'application/json' });
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
    expect(ends.filter((status) => status === 'ok').length).toBeGreaterThan(500);
    expect(ends.filter((status) => status !== 'ok').length).toBeGreaterThan(500);
  });

  it.each(providerDialects)('the streams of %s are whole before they are damaged', (name) => {
    const { stream } = dialects[name];
    for (const { name: sample, events } of samplesOf[name].streams) {
      const decoder = stream.decoder();
      const read: ChatEvent[] = [];
      const reader = stream.framing.reader(({ event, data }) => {
        if (data !== undefined) decoder.push({ event, data }, read);
      });
      reader.push(writtenStream(events, stream.framing));
      reader.end();
      decoder.end(read);
      expect([sample, read.at(-1)?.type]).toEqual([sample, 'done']);
    }
  });
});

describe('HC-25: places in lists that nobody fills', () => {
  const farAway = [4_294_967_294, 1e308, -1, 0.5];

  it.each(farAway)('choice %d of a stream costs every caller no more than the first', (index) => {
    const choices = [{ index, delta: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }];
    const events = [JSON.stringify({ id: 'c', created: 1, model: 'm', choices }), '[DONE]'];
    const startedAt = performance.now();
    for (const caller of callerNames) expect(translated('openai-chat', events, caller).at(-1)?.type).toBe('done');
    expect(performance.now() - startedAt).toBeLessThan(ample);
  });

  it.each(farAway)('content %d of a response costs every caller no more than the first', (index) => {
    const place = { item_id: 'i', output_index: 0, content_index: index };
    const item = { type: 'message', id: 'i', role: 'assistant', status: 'completed', content: [] };
    const part = { type: 'output_text', text: 'hi', annotations: [] };
    const events = [
      { type: 'response.created', response: { id: 'r', model: 'm', output: [] } },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.output_text.delta', ...place, delta: 'hi' },
      { type: 'response.content_part.done', ...place, part },
      { type: 'response.output_item.done', output_index: 0, item: { ...item, content: [part] } },
      { type: 'response.completed', response: { id: 'r', model: 'm', status: 'completed', output: [] } },
    ].map((event) => JSON.stringify(event));
    const startedAt = performance.now();
    for (const caller of callerNames) {
      const read = translated('openai-responses', events, caller);
      expect(read.at(-1)?.type).toBe('done');
    }
    expect(performance.now() - startedAt).toBeLessThan(ample);
  });
});

/** What a provider's stream means; it is written for the caller as well. */
function translated(provider: DialectName, frames: readonly string[], caller: DialectName): readonly ChatEvent[] {
  const decoder = dialects[provider].stream.decoder();
  const encoder = dialects[caller].stream.encoder({ model: 'm', fallbackId: 'id', created: 1, includeUsage: true });
  const read: ChatEvent[] = [];
  for (const data of frames) decoder.push({ event: undefined, data }, read);
  decoder.end(read);
  for (const event of read) encoder.encode(event);
  return read;
}

describe('HC-25: raw bytes', () => {
  let wall: FakeProvider;
  let app: ExpressApp;
  beforeAll(async () => {
    wall = await startFakeProvider();
    app = await startExpressApp(wall);
    app.server.on('connection', (socket) => ends.set(socket.remotePort ?? 0, { socket, exchanges: [] }));
    app.server.on('request', (request, response) =>
      ends.get(request.socket.remotePort ?? 0)?.exchanges.push([request, response]),
    );
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
    expect(seen.get(400)).toBeGreaterThan(1_500);
    expect((await chat(app.url, body)).status).toBe(200);
  });

  /** The server's ends of the connections, by the caller's port, with the exchanges each has seen. */
  const ends = new Map<number, { socket: Socket; exchanges: (readonly [IncomingMessage, ServerResponse])[] }>();

  /** Whether the server has all that was sent, has answered what was whole in it, and can only wait for more. */
  function waitsForMore(port: number, sent: number): boolean {
    const end = ends.get(port);
    if (end === undefined || end.socket.bytesRead < sent) return false;
    return end.exchanges.every(([request, response]) => !request.complete || response.writableFinished);
  }

  async function answerTo(bytes: Buffer): Promise<Buffer> {
    const socket = connectTo(app.url);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      // Whatever has begun to answer does so in one piece.
      setImmediate(() => socket.destroy());
    });
    socket.write(bytes);
    await until(() => socket.destroyed || waitsForMore(socket.localPort ?? 0, bytes.length));
    socket.destroy();
    return Buffer.concat(chunks);
  }

  it('is still there for the next caller', async () => {
    const request = requestText(path, '{', { headers: { connection: 'close' } });
    const { bytes } = await rawRequest(app.url, request);
    expect(parseResponse(bytes).status).toBe(400);
  });
});
