import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { extendBodyHeader } from '../core/header-names.ts';
import { asObject, parseObject } from '../core/json.ts';
import type { WholeReply } from '../core/reply.ts';

/** What a caller may want to read in an answer's body besides what its dialect has. */
export interface BodyExtension {
  /** Name of the provider that served. */
  readonly provider: string;
  /** Milliseconds since the call arrived. */
  readonly latencyMs: number;
  /** US dollars; null where no price is known. */
  readonly costUsd: number | null;
}

/** @throws GatewayError `invalid_request` for anything but `true` and `false` */
export function wantsExtendedBody(call: Pick<Call, 'header'>): boolean {
  const asked = call.header(extendBodyHeader)?.trim().toLowerCase();
  if (asked === undefined || asked === 'false') return false;
  if (asked === 'true') return true;
  throw new GatewayError('invalid_request', {
    param: extendBodyHeader,
    message: `\`${extendBodyHeader}\` must be true or false.`,
  });
}

/** The reply with `provider`, `latency_ms` and `usage.cost_usd` in its body, where that is a JSON object. */
export function extendReply(reply: WholeReply, { provider, latencyMs, costUsd }: BodyExtension): WholeReply {
  const body = parseObject(typeof reply.body === 'string' ? reply.body : Buffer.from(reply.body).toString('utf8'));
  if (body === undefined) return reply;
  const usage = { ...asObject(body.usage), cost_usd: costUsd };
  return { ...reply, body: JSON.stringify({ ...body, provider, latency_ms: Math.round(latencyMs), usage }) };
}
