import type { Call, Caller } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { Operation } from '../core/inbound.ts';
import { asObject, type JsonObject } from '../core/json.ts';
import { isName } from './key-terms.ts';

/** The request header that says on whose behalf a call comes. */
const userHeader = 'x-user';

/** Operations whose requests have a body that can name a user. */
const withBody: ReadonlySet<Operation> = new Set([
  'chat',
  'count-tokens',
  'embeddings',
  'images',
] satisfies Operation[]);

/**
 * The caller as the request names it. Asked only for callers who may name users: for everybody else neither header nor
 * body counts. The header goes first; without it the body is read.
 *
 * @throws GatewayError `invalid_request` for a name that cannot be one
 */
export function nameUser(call: Call, caller: Caller): Caller | Promise<Caller> {
  const named = call.header(userHeader);
  if (named !== undefined && named !== '') return withUser(caller, named, userHeader);
  if (call.head.method !== 'POST' || !withBody.has(call.operation)) return caller;
  return nameFromBody(call, caller);
}

async function nameFromBody(call: Call, caller: Caller): Promise<Caller> {
  const { json } = await call.body();
  const { param, value } = userIn(json);
  return value === undefined || value === null || value === '' ? caller : withUser(caller, value, param);
}

/**
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-user,
 * https://docs.anthropic.com/en/api/messages#body-metadata
 */
function userIn(json: JsonObject): { readonly param: string; readonly value: unknown } {
  return json.user === undefined
    ? { param: 'metadata.user_id', value: asObject(json.metadata)?.user_id }
    : { param: 'user', value: json.user };
}

function withUser(caller: Caller, user: unknown, param: string): Caller {
  if (typeof user === 'string' && isName(user)) return { ...caller, user };
  const message = 'The name of a user is a text of at most 256 characters without control characters.';
  throw new GatewayError('invalid_request', { param, message });
}
