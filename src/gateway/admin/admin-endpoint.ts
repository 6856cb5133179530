import type { Actor, AuditRecord, KeyService } from '../../auth/index.ts';
import type { Call } from '../../core/call.ts';
import type { Capability } from '../../core/capability.ts';
import { GatewayError, toGatewayError } from '../../core/errors.ts';
import { errorReply, type Reply } from '../../core/reply.ts';
import { type AdminRequest, readAdminRequest } from './admin-request.ts';
import { auditView, jsonReply, keyView } from './admin-views.ts';

/**
 * The admin routes: who has a key with `admin` makes, lists, changes, rotates and revokes keys; everybody else is
 * refused, whatever is asked for, and that is noted.
 */
export function adminEndpoint(keys: KeyService): Capability {
  return {
    name: 'admin',
    async answer(call) {
      try {
        const reply = await answer(call, keys);
        call.finish({ status: 'ok', httpStatus: reply.status });
        return reply;
      } catch (thrown) {
        const error = toGatewayError(thrown);
        // Our own faults are for the log, which the runner keeps.
        if (error.code === 'internal_error') throw thrown;
        call.finish({ status: error.status >= 500 ? 'failed' : 'rejected', httpStatus: error.status, error });
        return errorReply(error, call.dialect);
      }
    },
  };
}

async function answer(call: Call, keys: KeyService): Promise<Reply> {
  const actor = actorOf(call);
  if (call.caller.admin !== true) {
    await noteRefusal(call, keys, actor);
    throw new GatewayError('permission_denied', { message: 'This API key may not use the admin routes.' });
  }
  return carryOut(await readAdminRequest(call), { keys, actor, now: call.runtime.wallTime() });
}

interface Errand {
  readonly keys: KeyService;
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
}

async function carryOut(request: AdminRequest, { keys, actor, now }: Errand): Promise<Reply> {
  switch (request.action) {
    case 'create': {
      const { id, terms } = request;
      const { key, stored } = await keys.create({ ...(id !== undefined && { id }), terms }, actor);
      return jsonReply(201, { ...keyView(stored, now), key });
    }
    case 'list': {
      const { limit } = request.page;
      const found = await keys.list({ ...request.page, limit: limit + 1 });
      const data = found.slice(0, limit).map((stored) => keyView(stored, now));
      return jsonReply(200, { object: 'list', data, has_more: found.length > limit });
    }
    case 'get':
      return jsonReply(200, keyView(await keys.get(request.id), now));
    case 'update':
      return jsonReply(200, keyView(await keys.update(request.id, request.change, actor), now));
    case 'rotate': {
      const { key, stored } = await keys.rotate(request.id, request.overlapMs, actor);
      return jsonReply(200, { ...keyView(stored, now), key });
    }
    case 'revoke':
      return jsonReply(200, keyView(await keys.revoke(request.id, actor), now));
    case 'audit':
      return jsonReply(200, { object: 'list', data: (await keys.audit(request.page)).map(auditView) });
  }
}

function actorOf(call: Call): Actor {
  const { peer } = call.head;
  return { id: call.caller.keyId, requestId: call.id, ...(peer !== undefined && peer !== '' && { peer }) };
}

/** A store that cannot note it changes nothing: the answer is no. */
async function noteRefusal(call: Call, keys: KeyService, actor: Actor): Promise<void> {
  try {
    await keys.refused(attemptedBy(call), actor);
  } catch {
    return;
  }
}

/** What a refused call was after, as far as its path and method tell. */
function attemptedBy({ head }: Call): Pick<AuditRecord, 'action' | 'target'> {
  const [path = ''] = head.path.split('?', 1);
  const [, id, verb] = /\/admin\/keys\/([\w.-]{1,64})(?:\/(rotate|revoke))?\/?$/.exec(path) ?? [];
  if (id !== undefined) {
    const action = verb === 'rotate' || verb === 'revoke' ? verb : (byMethod.get(head.method) ?? 'unknown');
    return { action, target: id };
  }
  if (/\/admin\/keys\/?$/.test(path)) return { action: head.method === 'POST' ? 'create' : 'list' };
  return { action: /\/admin\/audit\/?$/.test(path) ? 'audit' : 'unknown' };
}

const byMethod: ReadonlyMap<string, AuditRecord['action']> = new Map([
  ['GET', 'get'],
  ['PATCH', 'update'],
  ['DELETE', 'revoke'],
] as const);
