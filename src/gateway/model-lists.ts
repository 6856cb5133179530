import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { ModelCard } from './model-cards.ts';

/** How a dialect lists models. */
export interface ModelListFormat {
  /** @throws GatewayError `invalid_request` for a page that is none */
  list(cards: readonly ModelCard[], query: URLSearchParams): JsonObject;
  one(card: ModelCard): JsonObject;
}

/** https://platform.openai.com/docs/api-reference/models */
export const openaiModels: ModelListFormat = {
  list: (cards) => ({ object: 'list', data: cards.map(openaiModel) }),
  one: openaiModel,
};

/** `created` is required by the format; no provider tells it of another's models. */
function openaiModel({ id, details }: ModelCard): JsonObject {
  return { id, object: 'model', created: 0, owned_by: details.provider ?? 'gateway', ...details };
}

/** https://docs.anthropic.com/en/api/models-list */
export const anthropicModels: ModelListFormat = {
  list(cards, query) {
    const { page, before, after } = anthropicPage(cards, query);
    return {
      data: page.map(anthropicModel),
      // Whether there are more in the direction of reading.
      has_more: query.has('before_id') ? before : after,
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
    };
  },
  one: anthropicModel,
};

/** Where the time is not known, Anthropic's own list has this one, too. */
const epoch = '1970-01-01T00:00:00Z';

function anthropicModel({ id, facts, details }: ModelCard): JsonObject {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: epoch,
    max_input_tokens: facts.contextWindow ?? null,
    max_tokens: facts.maxOutputTokens ?? null,
    ...details,
  };
}

interface Page {
  readonly page: readonly ModelCard[];
  /** Whether there are models in front of it, and behind it. */
  readonly before: boolean;
  readonly after: boolean;
}

function anthropicPage(cards: readonly ModelCard[], query: URLSearchParams): Page {
  const limit = pageSize(query, 'limit', 20);
  const beforeId = query.get('before_id');
  const afterId = query.get('after_id');
  const end = beforeId === null ? cards.length : positionOf(cards, beforeId, 'before_id');
  const start = afterId === null ? 0 : positionOf(cards, afterId, 'after_id') + 1;
  const from = beforeId === null ? start : Math.max(start, end - limit);
  const to = Math.min(end, from + limit);
  return { page: cards.slice(from, to), before: from > 0, after: to < cards.length };
}

function positionOf(cards: readonly ModelCard[], id: string, param: string): number {
  const position = cards.findIndex((card) => card.id === id);
  if (position !== -1) return position;
  throw new GatewayError('invalid_request', { param, message: `\`${param}\` names no model of this list.` });
}

/** https://ai.google.dev/api/models */
export const geminiModels: ModelListFormat = {
  list(cards, query) {
    const size = pageSize(query, 'pageSize', 50);
    const start = readToken(query.get('pageToken'));
    const end = start + size;
    return {
      models: cards.slice(start, end).map(geminiModel),
      ...(end < cards.length && { nextPageToken: String(end) }),
    };
  },
  one: geminiModel,
};

function geminiModel({ id, facts, details }: ModelCard): JsonObject {
  return {
    name: `models/${id}`,
    baseModelId: id,
    version: '',
    displayName: id,
    ...(facts.contextWindow !== undefined && { inputTokenLimit: facts.contextWindow }),
    ...(facts.maxOutputTokens !== undefined && { outputTokenLimit: facts.maxOutputTokens }),
    supportedGenerationMethods:
      facts.embeddings === true
        ? ['embedContent', 'batchEmbedContents']
        : ['generateContent', 'streamGenerateContent', 'countTokens'],
    ...details,
  };
}

function readToken(token: string | null): number {
  if (token === null || token === '') return 0;
  if (/^\d{1,9}$/.test(token)) return Number(token);
  throw new GatewayError('invalid_request', { param: 'pageToken', message: '`pageToken` is none of this list.' });
}

/** https://docs.ollama.com/api/tags */
export const ollamaModels: ModelListFormat = {
  list: (cards) => ({ models: cards.map(ollamaModel) }),
  one: ollamaModel,
};

function ollamaModel({ id, details }: ModelCard): JsonObject {
  return {
    name: id,
    model: id,
    modified_at: epoch,
    size: 0,
    digest: '',
    details: { parent_model: '', format: '', family: '', families: [], parameter_size: '', quantization_level: '' },
    ...details,
  };
}

function pageSize(query: URLSearchParams, param: string, usual: number): number {
  const written = query.get(param);
  if (written === null || written === '') return usual;
  const size = Number(written);
  if (Number.isInteger(size) && size >= 1) return Math.min(size, 1_000);
  throw new GatewayError('invalid_request', { param, message: `\`${param}\` must be a whole number from 1 to 1000.` });
}
