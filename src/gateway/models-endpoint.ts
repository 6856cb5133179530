import type { Call } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import type { DialectName } from '../core/dialect-name.ts';
import { GatewayError, toGatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { errorReply, type Reply } from '../core/reply.ts';
import { type CardSources, type ModelCard, modelCards } from './model-cards.ts';
import { anthropicModels, geminiModels, type ModelListFormat, ollamaModels, openaiModels } from './model-lists.ts';

/**
 * `GET /models` and `GET /models/{id}`: what callers may ask for, what it costs and whether it can be had, in the
 * caller's dialect.
 */
export function modelsEndpoint(sources: CardSources): Capability {
  const cards = modelCards(sources);
  return {
    name: 'models',
    async answer(call) {
      const { dialect, format } = listFormat(call);
      try {
        return done(call, jsonReply(answer(call, cards.visibleTo(call), format)));
      } catch (thrown) {
        const error = toGatewayError(thrown);
        // Our own faults are for the log, which the runner keeps.
        if (error.code === 'internal_error') throw thrown;
        call.finish({ status: 'rejected', httpStatus: error.status, error });
        return errorReply(error, dialect);
      }
    },
  };
}

function answer(call: Call, cards: readonly ModelCard[], format: ModelListFormat): JsonObject {
  const [path = '', query = ''] = call.head.path.split('?', 2);
  if (/\/(?:models|api\/tags)\/?$/.test(path)) return format.list(cards, new URLSearchParams(query));
  const byName = new Map(cards.flatMap((card) => [...card.names, card.id].map((name) => [name, card])));
  const card = requestedIds(path)
    .map((id) => byName.get(id))
    .find((found) => found !== undefined);
  if (card === undefined) throw new GatewayError('model_not_found', { param: 'model' });
  return format.one(card);
}

interface Listing {
  readonly dialect: DialectName;
  readonly format: ModelListFormat;
}

/** OpenAI and Anthropic list models at one path, and so does Gemini but for its version: headers tell them apart. */
function listFormat(call: Call): Listing {
  const { dialect } = call;
  if (dialect === 'ollama-chat') return { dialect, format: ollamaModels };
  const isGemini = call.header('x-goog-api-key') !== undefined || /\/v1beta\/models(?:[/?]|$)/.test(call.head.path);
  if (isGemini) return { dialect: 'gemini', format: geminiModels };
  const isAnthropic = call.header('anthropic-version') !== undefined;
  return isAnthropic ? { dialect: 'anthropic-messages', format: anthropicModels } : { dialect, format: openaiModels };
}

function done(call: Call, reply: Reply): Reply {
  call.finish({ status: 'ok', httpStatus: reply.status });
  return reply;
}

/** What stands behind the first `/models/` and behind the last: an id may hold one of its own, and so may the mount point. */
function requestedIds(path: string): readonly string[] {
  return [path.indexOf(before), path.lastIndexOf(before)].map((start) => decodedId(path.slice(start + before.length)));
}

const before = '/models/';

function decodedId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new GatewayError('not_found');
  }
}

function jsonReply(body: JsonObject): Reply {
  return {
    kind: 'whole',
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}
