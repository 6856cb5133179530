import { readFileSync } from 'node:fs';
import { type FakeProvider, type ScriptedAnswer, startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { playedDialects } from './providers.ts';

/** What a provider streamed, byte by byte. */
export interface ProviderStream {
  readonly name: string;
  readonly dialect: PlayedDialect;
  /** Whether it was made up for this purpose, or is kept as a fixture. */
  readonly origin: 'fake' | 'fixture';
  readonly bytes: Buffer;
}

/** Answers that have what a cut can damage: characters of several bytes, escapes, arguments in pieces, reasoning. */
const answers: Readonly<Record<string, ScriptedAnswer>> = {
  text: {
    text: [
      'Gr\u00fc\u00dfe ',
      'aus \u4eac\u90fd, ',
      '\u{1f44b}\u{1f3fd} ',
      '"quoted" \\ and\n\ndata: not a frame\r\n',
      'end',
    ],
    usage: { input: 21, output: 9, cacheRead: 4 },
  },
  tools: {
    text: 'I look it up.',
    toolCalls: [
      { name: 'weather', arguments: { city: 'K\u00f8benhavn', note: 'a "b" \\ c', days: [1, 2.5] } },
      { name: 'clock', arguments: { zone: 'Asia/Tokyo' } },
    ],
  },
  reasoning: { reasoning: 'First this, then that \u2014 so: yes.', text: 'Yes.' },
  small: { text: ['Hi ', '\u00e9\u{1f600}'] },
};

const fixtures: Readonly<Record<string, PlayedDialect>> = {
  'openai-chat/streams/text.sse': 'openai-chat',
  'openai-chat/streams/tool-calls.sse': 'openai-chat',
  'openai-chat/streams/several-choices.sse': 'openai-chat',
  'openai-chat/streams/refusal.sse': 'openai-chat',
  'gemini/function-call.sse': 'gemini',
  'gemini/streamed-arguments.sse': 'gemini',
};

/** Streams of the fake provider in every dialect, and those kept as fixtures. */
export async function providerStreams(): Promise<readonly ProviderStream[]> {
  const streams: ProviderStream[] = [];
  for (const dialect of playedDialects) {
    for (const [name, answer] of Object.entries(answers)) {
      streams.push({ name: `${dialect} ${name}`, dialect, origin: 'fake', bytes: await record(dialect, answer) });
    }
  }
  for (const [path, dialect] of Object.entries(fixtures)) {
    const bytes = readFileSync(new URL(`../../test/fixtures/${path}`, import.meta.url));
    streams.push({ name: path, dialect, origin: 'fixture', bytes });
  }
  return streams;
}

async function record(dialect: PlayedDialect, answer: ScriptedAnswer): Promise<Buffer> {
  const wall = await startFakeProvider({ dialects: [dialect] });
  const bytes = await recordStream(wall, dialect, answer);
  await wall.close();
  return bytes;
}

/** What the fake provider streams when it is to say this. @throws when it refuses to */
export async function recordStream(
  wall: FakeProvider,
  dialect: PlayedDialect,
  answer: ScriptedAnswer,
): Promise<Buffer> {
  wall.script(answer);
  const { path, body } = requests[dialect];
  const response = await fetch(wall.baseUrl(dialect) + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${dialect}: ${response.status} ${bytes.toString('utf8')}`);
  return bytes;
}

const messages = [{ role: 'user', content: 'Say hello.' }];

const requests: Readonly<Record<PlayedDialect, { readonly path: string; readonly body: object }>> = {
  'openai-chat': {
    path: '/chat/completions',
    body: { model: 'demo-small', stream: true, stream_options: { include_usage: true }, messages },
  },
  'openai-responses': {
    path: '/responses',
    body: { model: 'demo-small', stream: true, input: 'Say hello.' },
  },
  'anthropic-messages': {
    path: '/v1/messages',
    body: { model: 'demo-small', stream: true, max_tokens: 1000, messages },
  },
  'bedrock-converse': {
    path: '/model/demo-small/converse-stream',
    body: { messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }] },
  },
  'ollama-chat': { path: '/api/chat', body: { model: 'demo-small', messages } },
  'cohere-chat': { path: '/v2/chat', body: { model: 'demo-small', stream: true, messages } },
  gemini: {
    path: '/v1beta/models/demo-small:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] },
  },
};
