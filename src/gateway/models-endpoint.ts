import type { Call } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import { type ListedModel, listModels } from '../providers/catalogue.ts';
import type { Planner } from '../providers/planner.ts';

/** `GET /models` and `GET /models/{id}`: what callers may ask for. https://platform.openai.com/docs/api-reference/models */
export function modelsEndpoint(planner: Planner): Capability {
  const listed = listModels(planner.instances, planner.chains);
  const list = jsonReply({ object: 'list', data: listed.map(toModel) });
  const byName = new Map(listed.flatMap((model) => [...model.names, model.id].map((name) => [name, model])));
  return {
    name: 'models',
    async answer(call) {
      const path = call.head.path.split('?', 1)[0] ?? '';
      if (/\/models\/?$/.test(path)) return done(call, list);
      const model = requestedIds(path)
        .map((id) => byName.get(id))
        .find((found) => found !== undefined);
      if (model === undefined) throw new GatewayError('model_not_found', { param: 'model' });
      return done(call, jsonReply(toModel(model)));
    },
  };
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

/** `created` is required by the format; no provider tells it of another's models. */
function toModel({ id, providers }: ListedModel): JsonObject {
  return { id, object: 'model', created: 0, owned_by: providers[0] ?? 'gateway' };
}

function jsonReply(body: JsonObject): Reply {
  return {
    kind: 'whole',
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}
