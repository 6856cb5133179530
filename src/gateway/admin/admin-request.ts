import { z } from 'zod';
import { type AuditPage, type KeyPage, type KeyTerms, termNames } from '../../auth/index.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { parseOptions } from '../../core/options.ts';
import { duration } from '../../core/units.ts';

/** What an admin asks for. */
export type AdminRequest =
  | { readonly action: 'create'; readonly id: string | undefined; readonly terms: KeyTerms }
  | { readonly action: 'list'; readonly page: KeyPage }
  | { readonly action: 'get'; readonly id: string }
  | { readonly action: 'update'; readonly id: string; readonly change: (terms: KeyTerms) => KeyTerms }
  | { readonly action: 'rotate'; readonly id: string; readonly overlapMs: number }
  | { readonly action: 'revoke'; readonly id: string }
  | { readonly action: 'audit'; readonly page: AuditPage };

/**
 * Reads what a path, its query and its body ask for.
 *
 * @throws GatewayError `not_found`, `method_not_allowed`, `invalid_request`
 */
export async function readAdminRequest(call: Call): Promise<AdminRequest> {
  const { method } = call.head;
  const [path = '', query = ''] = call.head.path.split('?', 2);
  if (/\/admin\/audit\/?$/.test(path)) {
    allow(method, ['GET']);
    return { action: 'audit', page: auditPage(new URLSearchParams(query)) };
  }
  if (/\/admin\/keys\/?$/.test(path)) {
    allow(method, ['GET', 'POST']);
    return method === 'GET'
      ? { action: 'list', page: keyPage(new URLSearchParams(query)) }
      : createRequest(await bodyOf(call));
  }
  const [, id, verb] = /\/admin\/keys\/([\w.-]+)(?:\/(rotate|revoke))?\/?$/.exec(path) ?? [];
  if (id === undefined) throw new GatewayError('not_found');
  if (verb === 'rotate') {
    allow(method, ['POST']);
    return { action: 'rotate', id, overlapMs: overlapOf(await bodyOf(call)) };
  }
  if (verb === 'revoke') {
    allow(method, ['POST']);
    return { action: 'revoke', id };
  }
  allow(method, ['GET', 'PATCH', 'DELETE']);
  if (method === 'GET') return { action: 'get', id };
  return method === 'DELETE' ? { action: 'revoke', id } : updateRequest(id, await bodyOf(call));
}

function allow(method: string, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  const message = `Use ${methods.join(' or ')}.`;
  throw new GatewayError('method_not_allowed', { message, headers: { allow: methods.join(', ') } });
}

/** A request that may say nothing needs no body. */
async function bodyOf(call: Call): Promise<JsonObject> {
  const length = call.header('content-length');
  if ((length === undefined || length === '0') && call.header('transfer-encoding') === undefined) return {};
  return (await call.body()).json;
}

const createBody = z.strictObject({ id: z.string('must be a text').optional(), terms: terms().default({}) });
const updateBody = z.strictObject({ terms: terms() });
const rotateBody = z.strictObject({
  overlap: duration.refine((value) => value <= 30 * 86_400_000, 'must be at most "30d"').default(3_600_000),
});

/** What stands in it is checked, with the id of the key at hand, where the key is made. */
function terms() {
  return z.custom<JsonObject>(isJsonObject, 'must be an object with the terms of a key');
}

function createRequest(body: JsonObject): AdminRequest {
  const { id, terms } = read(createBody, body);
  return { action: 'create', id, terms: changed({}, terms) };
}

/** What is named is replaced, what is null is taken away, the rest stays. */
function updateRequest(id: string, body: JsonObject): AdminRequest {
  const { terms } = read(updateBody, body);
  return { action: 'update', id, change: (before) => changed(before, terms) };
}

function changed(before: KeyTerms, change: JsonObject): KeyTerms {
  const strange = Object.keys(change).find((name) => !termNames.some((known) => known === name));
  if (strange !== undefined) {
    throw invalid(`"terms.${strange}" is unknown (known: ${termNames.join(', ')})`);
  }
  const all = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(all);
}

function overlapOf(body: JsonObject): number {
  return Math.round(read(rotateBody, body).overlap);
}

const page = {
  limit: z.coerce.number('must be a number').int('must be a whole number').min(1).max(999).default(100),
};
const listQuery = z.strictObject({
  ...page,
  after: z.string().max(64).optional(),
  team: z.string().max(256).optional(),
});
const auditQuery = z.strictObject({ ...page, key: z.string().max(64).optional() });

function keyPage(query: URLSearchParams): KeyPage {
  const { limit, after, team } = read(listQuery, Object.fromEntries(query));
  return { limit, ...(after !== undefined && { after }), ...(team !== undefined && { team }) };
}

function auditPage(query: URLSearchParams): AuditPage {
  const { limit, key } = read(auditQuery, Object.fromEntries(query));
  return { limit, ...(key !== undefined && { target: key }) };
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  try {
    return parseOptions(schema, value, 'the request');
  } catch (thrown) {
    throw invalid(thrown instanceof Error ? thrown.message : 'it cannot be read');
  }
}

function invalid(problem: string): GatewayError {
  return new GatewayError('invalid_request', { message: `Not valid: ${problem}.` });
}
