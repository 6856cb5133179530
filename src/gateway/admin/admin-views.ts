import type { AuditRecord, KeyTerms, StoredKey } from '../../auth/index.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Reply } from '../../core/reply.ts';

/** A key as an admin sees it: nothing a caller could use. */
export function keyView(stored: StoredKey, now: number): JsonObject {
  const { id, hint, previous, terms, createdAt, updatedAt, revokedAt, version } = stored;
  return {
    object: 'key',
    id,
    status: statusOf(stored, now),
    last_four: hint,
    terms: termsView(terms),
    created_at: isoTime(createdAt),
    updated_at: isoTime(updatedAt),
    ...(revokedAt !== undefined && { revoked_at: isoTime(revokedAt) }),
    ...(previous !== undefined && previous.until > now && { previous_valid_until: isoTime(previous.until) }),
    version,
  };
}

function statusOf({ terms, revokedAt }: StoredKey, now: number): string {
  if (revokedAt !== undefined) return 'revoked';
  if (terms.expiresAt !== undefined && Date.parse(terms.expiresAt) <= now) return 'expired';
  return terms.notBefore !== undefined && Date.parse(terms.notBefore) > now ? 'not_yet_valid' : 'active';
}

export function auditView({
  id,
  at,
  actor,
  action,
  outcome,
  target,
  requestId,
  peer,
  before,
  after,
}: AuditRecord): JsonObject {
  return {
    object: 'audit_record',
    id,
    at: isoTime(at),
    actor,
    action,
    outcome,
    target: target ?? null,
    request_id: requestId ?? null,
    peer: peer ?? null,
    before: before === undefined ? null : termsView(before),
    after: after === undefined ? null : termsView(after),
  };
}

/** Terms are JSON through and through. */
function termsView(terms: KeyTerms): JsonObject {
  return JSON.parse(JSON.stringify(terms));
}

export function jsonReply(status: number, body: JsonObject): Reply {
  return {
    kind: 'whole',
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
