import { Agent, request } from 'undici';
import type { JsonObject } from '../../../src/core/json.ts';
import type { FakeProvider } from '../../../src/testing/index.ts';
import type { PlayedDialect } from '../../../src/testing/personality.ts';

export const dialects: readonly PlayedDialect[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'ollama-chat',
  'cohere-chat',
];

export interface Question {
  readonly dialect: PlayedDialect;
  readonly model?: string;
  readonly stream?: boolean;
  readonly text?: string;
  readonly maxTokens?: number;
  /** Further fields of the body. */
  readonly fields?: JsonObject;
  /** The whole body in place of the built one. */
  readonly body?: JsonObject | string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Read no further than this many bytes. */
  readonly stopAfterBytes?: number;
  /** Milliseconds without a sign after which the provider counts as silent. */
  readonly patience?: number;
}

/** What a client saw of an answer. */
export interface Seen {
  readonly dialect: PlayedDialect;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly bytes: Buffer;
  readonly chunkSizes: readonly number[];
  /** `stopped`: by the client, after `stopAfterBytes`. */
  readonly end: 'complete' | 'broken' | 'silent' | 'stopped';
  /** Code of the error that broke it. */
  readonly code: string | undefined;
  /** Milliseconds until the headers came, and until the end. */
  readonly headersAfter: number | undefined;
  readonly endAfter: number;
}

export async function ask(wall: FakeProvider, question: Question): Promise<Seen> {
  const agent = new Agent({ pipelining: 1 });
  const abort = new AbortController();
  const started = performance.now();
  const since = (): number => performance.now() - started;
  let watchdog: NodeJS.Timeout | undefined;
  const feed = (): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => abort.abort(new Error('silent')), question.patience ?? 4_000);
  };
  const chunks: Buffer[] = [];
  let head: { status: number; headers: Seen['headers']; at: number } | undefined;
  let end: Seen['end'] = 'complete';
  let code: string | undefined;
  feed();
  try {
    const response = await request(wall.url + pathOf(question), {
      method: 'POST',
      headers: headersOf(question),
      body: bodyText(question),
      dispatcher: agent,
      signal: abort.signal,
    });
    head = { status: response.statusCode, headers: response.headers, at: since() };
    feed();
    for await (const chunk of response.body) {
      feed();
      chunks.push(chunk);
      if (Buffer.concat(chunks).length >= (question.stopAfterBytes ?? Number.POSITIVE_INFINITY)) {
        end = 'stopped';
        break;
      }
    }
  } catch (thrown) {
    end = abort.signal.aborted ? 'silent' : 'broken';
    code = errorCode(thrown);
  }
  clearTimeout(watchdog);
  await agent.destroy();
  return {
    dialect: question.dialect,
    status: head?.status,
    headers: head?.headers ?? {},
    bytes: Buffer.concat(chunks),
    chunkSizes: chunks.map((chunk) => chunk.length),
    end,
    code,
    headersAfter: head?.at,
    endAfter: since(),
  };
}

function errorCode(thrown: unknown): string | undefined {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : undefined;
}

export function pathOf({ dialect, model = 'demo-small', stream = false }: Question): string {
  switch (dialect) {
    case 'openai-chat':
      return '/v1/chat/completions';
    case 'openai-responses':
      return '/v1/responses';
    case 'anthropic-messages':
      return '/v1/messages';
    case 'bedrock-converse':
      return `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`;
    case 'ollama-chat':
      return '/api/chat';
    case 'cohere-chat':
      return '/v2/chat';
    case 'gemini': {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
      return `/v1beta/models/${encodeURIComponent(model)}:${method}`;
    }
  }
}

export function headersOf({ dialect, headers }: Question): Record<string, string> {
  const all = {
    'content-type': 'application/json',
    ...(dialect === 'anthropic-messages' && { 'anthropic-version': '2023-06-01' }),
    ...headers,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function bodyText(question: Question): string {
  const body = question.body ?? bodyOf(question);
  return typeof body === 'string' ? body : JSON.stringify(body);
}

export function bodyOf(question: Question): JsonObject {
  const { dialect, model = 'demo-small', stream = false, text = 'hello there', maxTokens, fields } = question;
  switch (dialect) {
    case 'openai-chat':
      return {
        model,
        stream,
        ...(stream && { stream_options: { include_usage: true } }),
        ...(maxTokens !== undefined && { max_tokens: maxTokens }),
        messages: [{ role: 'user', content: text }],
        ...fields,
      };
    case 'openai-responses':
      return {
        model,
        stream,
        ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
        input: text,
        ...fields,
      };
    case 'anthropic-messages':
      return { model, stream, max_tokens: maxTokens ?? 4096, messages: [{ role: 'user', content: text }], ...fields };
    case 'bedrock-converse':
      return {
        messages: [{ role: 'user', content: [{ text }] }],
        ...(maxTokens !== undefined && { inferenceConfig: { maxTokens } }),
        ...fields,
      };
    case 'ollama-chat':
      return {
        model,
        stream,
        messages: [{ role: 'user', content: text }],
        ...(maxTokens !== undefined && { options: { num_predict: maxTokens } }),
        ...fields,
      };
    case 'cohere-chat':
      return {
        model,
        stream,
        messages: [{ role: 'user', content: text }],
        ...(maxTokens !== undefined && { max_tokens: maxTokens }),
        ...fields,
      };
    case 'gemini':
      return {
        contents: [{ role: 'user', parts: [{ text }] }],
        ...(maxTokens !== undefined && { generationConfig: { maxOutputTokens: maxTokens } }),
        ...fields,
      };
  }
}
