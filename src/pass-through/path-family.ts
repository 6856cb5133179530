import type { DialectName } from '../core/dialect-name.ts';

/** A path of somebody's API that the gateway has no operation of its own for, without its version. */
interface PathFamily {
  readonly path: string;
  /** Whose it is, the likeliest first. */
  readonly dialects: readonly DialectName[];
}

const openai: readonly DialectName[] = ['openai-chat'];
const google: readonly DialectName[] = ['gemini'];
const cohere: readonly DialectName[] = ['cohere-chat', 'openai-chat'];

const families: readonly PathFamily[] = [
  // https://platform.openai.com/docs/api-reference
  { path: '/audio', dialects: openai },
  { path: '/batches', dialects: openai },
  { path: '/completions', dialects: openai },
  { path: '/containers', dialects: openai },
  { path: '/conversations', dialects: openai },
  { path: '/files', dialects: openai },
  { path: '/fine_tuning', dialects: openai },
  { path: '/images', dialects: openai },
  { path: '/moderations', dialects: openai },
  { path: '/realtime', dialects: openai },
  { path: '/responses', dialects: openai },
  { path: '/uploads', dialects: openai },
  { path: '/vector_stores', dialects: openai },
  { path: '/videos', dialects: openai },
  // https://docs.anthropic.com/en/api/creating-message-batches
  { path: '/messages/batches', dialects: ['anthropic-messages'] },
  // https://docs.cohere.com/reference/rerank; Together, vLLM and others took the path over.
  { path: '/rerank', dialects: cohere },
  { path: '/classify', dialects: cohere },
  { path: '/tokenize', dialects: cohere },
  { path: '/detokenize', dialects: cohere },
  { path: '/datasets', dialects: cohere },
  { path: '/embed-jobs', dialects: cohere },
  // https://ai.google.dev/api
  { path: '/cachedContents', dialects: google },
  { path: '/fileSearchStores', dialects: google },
  { path: '/operations', dialects: google },
  { path: '/tunedModels', dialects: google },
  { path: '/upload', dialects: google },
  { path: '/ws', dialects: google },
];

/** What is passed on unless the operator says otherwise. */
export const defaultPaths: readonly string[] = families.map(({ path }) => path);

/**
 * Paths that hand out credentials for the provider itself. With one of those a caller goes there without the gateway, so
 * they are passed on only where the operator names them.
 *
 * https://platform.openai.com/docs/api-reference/realtime-sessions, https://ai.google.dev/gemini-api/docs/ephemeral-tokens
 */
const credentialPaths: readonly string[] = [
  '/realtime/client_secrets',
  '/realtime/sessions',
  '/realtime/transcription_sessions',
  '/realtime/translations/client_secrets',
  '/chatkit/sessions',
  '/auth_tokens',
];

/** Whether a path is passed on by these settings. Each letter of it may be percent-encoded, as the provider reads it. */
export function isPassedOn(path: string, paths: readonly string[]): boolean {
  const plain = decodeLeniently(path).toLowerCase();
  const handsOut = credentialPaths.find((credentials) => isBelow(plain, [credentials]));
  return isBelow(path, handsOut === undefined ? paths : paths.filter((named) => isBelow(named, [handsOut])));
}

/** The text as it is where it is no percent-encoding. */
export function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a path is one of these or stands below one. */
function isBelow(path: string, bases: readonly string[]): boolean {
  return bases.some((base) => path === base || path.startsWith(`${base}/`));
}

/** The name a caller's rights know a path by: `pass-through:audio`. */
export function familyName(path: string): string {
  return `pass-through:${path.split('/')[1] ?? ''}`;
}

/**
 * Whose API a path belongs to, the likeliest first. Anthropic and Google have `/files` as well; Anthropic's clients send
 * their API's version in a header, Google's say `v1beta`.
 */
export function dialectsOfPath(
  path: string,
  version: string | undefined,
  anthropicVersion: boolean,
): readonly DialectName[] {
  if (anthropicVersion) return ['anthropic-messages'];
  if (version !== undefined && /^v\d+(?:alpha|beta)/.test(version)) return google;
  return families.find((family) => isBelow(path, [family.path]))?.dialects ?? openai;
}
