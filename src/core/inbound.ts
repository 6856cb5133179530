import type { DialectName } from './dialect-name.ts';

/** What a call is about. */
export type Operation = 'chat' | 'count-tokens' | 'embeddings' | 'images' | 'models' | 'health' | 'other';

/** What a path says about a request: which dialect its caller speaks, what it wants, and what only the path tells of it. */
export interface Inbound {
  readonly dialect: DialectName;
  readonly operation: Operation;
  readonly origin: RequestOrigin;
}

/** What the path and its query say about a request, where a dialect keeps it out of the body (Gemini, Bedrock). */
export interface RequestOrigin {
  readonly model?: string;
  readonly stream?: boolean;
  /** Gemini without `alt=sse`: a stream is one JSON array. */
  readonly framing?: 'json-array';
}

const nothing: RequestOrigin = {};

function inbound(dialect: DialectName, operation: Operation): Inbound {
  return { dialect, operation, origin: nothing };
}

/** Ends of paths, the longer ones first. */
const endings: readonly (readonly [ending: string, inbound: Inbound])[] = [
  ['/chat/completions', inbound('openai-chat', 'chat')],
  ['/responses', inbound('openai-responses', 'chat')],
  ['/messages', inbound('anthropic-messages', 'chat')],
  ['/messages/count_tokens', inbound('anthropic-messages', 'count-tokens')],
  ['/embeddings', inbound('openai-chat', 'embeddings')],
  ['/images/generations', inbound('openai-chat', 'images')],
  // https://docs.cohere.com/reference/chat, https://docs.cohere.com/reference/embed
  ['/v2/chat', inbound('cohere-chat', 'chat')],
  ['/v2/embed', inbound('cohere-chat', 'embeddings')],
  // https://docs.ollama.com/api
  ['/api/chat', inbound('ollama-chat', 'chat')],
  ['/api/embed', inbound('ollama-chat', 'embeddings')],
  ['/api/tags', inbound('ollama-chat', 'models')],
  ['/chat', inbound('plain-chat', 'chat')],
  ['/models', inbound('openai-chat', 'models')],
  ['/health', inbound('openai-chat', 'health')],
];

const other = inbound('openai-chat', 'other');
const model = inbound('openai-chat', 'models');

/** Reads the end of the path, because where the gateway is mounted is the app's choice. */
export function inboundOf(path: string): Inbound {
  const { plain, query } = splitQuery(path);
  for (const [ending, found] of endings) if (plain.endsWith(ending)) return deployment(plain, ending, found) ?? found;
  return geminiMethod(plain, query) ?? converse(plain) ?? (plain.includes('/models/') ? model : other);
}

/** The path alone, also without the slash that some clients put at its end, and its query. */
function splitQuery(path: string): { readonly plain: string; readonly query: string } {
  const mark = path.indexOf('?');
  const end = mark === -1 ? path.length : mark;
  const plain = path.slice(0, end > 1 && path[end - 1] === '/' ? end - 1 : end);
  return { plain, query: mark === -1 ? '' : path.slice(mark + 1) };
}

/** Azure's callers name the model in the path, `/deployments/{name}/chat/completions`, and not all of them in the body, too. */
function deployment(path: string, ending: string, found: Inbound): Inbound | undefined {
  const start = path.lastIndexOf('/deployments/');
  if (start === -1) return undefined;
  const named = decodedSegment(path.slice(start + '/deployments/'.length, -ending.length));
  return named === '' ? undefined : { ...found, origin: { model: named } };
}

const geminiMethods: Readonly<Record<string, Operation>> = {
  generateContent: 'chat',
  streamGenerateContent: 'chat',
  countTokens: 'count-tokens',
  embedContent: 'embeddings',
  batchEmbedContents: 'embeddings',
};

/** `/models/{model}:{method}`: https://ai.google.dev/api/generate-content */
function geminiMethod(path: string, query: string): Inbound | undefined {
  const colon = path.lastIndexOf(':');
  const method = path.slice(colon + 1);
  if (colon === -1 || !/^[a-z]+[A-Z][A-Za-z]*$/.test(method)) return undefined;
  const operation = Object.hasOwn(geminiMethods, method) ? (geminiMethods[method] ?? 'other') : 'other';
  const start = path.lastIndexOf('/models/');
  const named = start === -1 ? '' : decodedSegment(path.slice(start + '/models/'.length, colon));
  const stream = method === 'streamGenerateContent';
  return {
    dialect: 'gemini',
    operation,
    origin: {
      ...(named !== '' && { model: named }),
      ...(operation === 'chat' && { stream }),
      ...(stream && new URLSearchParams(query).get('alt') !== 'sse' && { framing: 'json-array' }),
    },
  };
}

/** `/model/{modelId}/converse`: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
function converse(path: string): Inbound | undefined {
  const stream = path.endsWith('/converse-stream');
  if (!stream && !path.endsWith('/converse')) return undefined;
  const start = path.lastIndexOf('/model/');
  if (start === -1) return undefined;
  const named = decodedSegment(path.slice(start + '/model/'.length, path.lastIndexOf('/')));
  return { dialect: 'bedrock-converse', operation: 'chat', origin: { ...(named !== '' && { model: named }), stream } };
}

/** Nothing for what is no encoding: the model is then missing, which is what the caller is told. */
function decodedSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
