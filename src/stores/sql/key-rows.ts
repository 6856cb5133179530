import type { AuditRecord, StoredKey } from '../../auth/key-store.ts';
import type { KeyTerms } from '../../auth/key-terms.ts';
import { isJsonObject } from '../../core/json.ts';

/** What a driver gives for a row: dates may come as texts, since they pass 2^31. */
export type SqlRow = Readonly<Record<string, unknown>>;

export function keyOfRow(row: SqlRow): StoredKey {
  const previousDigest = optionalText(row.previous_digest);
  const revokedAt = optionalNumber(row.revoked_at);
  return {
    id: String(row.id),
    digest: String(row.digest),
    hint: String(row.hint),
    ...(previousDigest !== undefined && {
      previous: { digest: previousDigest, until: Number(row.previous_until) },
    }),
    terms: termsOf(row.terms),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    ...(revokedAt !== undefined && { revokedAt }),
    version: Number(row.version),
  };
}

export function auditOfRow(row: SqlRow): AuditRecord {
  return {
    id: String(row.id),
    at: Number(row.at),
    actor: String(row.actor),
    action: known(actions, row.action) ?? 'unknown',
    outcome: row.outcome === 'done' ? 'done' : 'refused',
    ...present('target', optionalText(row.target)),
    ...present('requestId', optionalText(row.request_id)),
    ...present('peer', optionalText(row.peer)),
    ...present('before', typeof row.terms_before === 'string' ? termsOf(row.terms_before) : undefined),
    ...present('after', typeof row.terms_after === 'string' ? termsOf(row.terms_after) : undefined),
  };
}

const actions = ['create', 'update', 'rotate', 'revoke', 'list', 'get', 'audit', 'unknown'] as const;

/** Nobody but ourselves writes them, and whoever uses them checks them again. */
function termsOf(json: unknown): KeyTerms {
  const value: unknown = JSON.parse(String(json));
  if (!isJsonObject(value)) throw new TypeError('The terms of a key are no object.');
  return value;
}

function known<Value extends string>(values: readonly Value[], value: unknown): Value | undefined {
  return values.find((candidate) => candidate === value);
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [N in Name]?: Value } {
  const found: { [N in Name]?: Value } = {};
  if (value !== undefined) found[name] = value;
  return found;
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
