import type { ReplyHeaders, WholeReply } from '../core/reply.ts';

/** A good answer, as JSON text. */
export function jsonReply(body: Uint8Array | string, headers: ReplyHeaders = {}): WholeReply {
  return {
    kind: 'whole',
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body,
  };
}
