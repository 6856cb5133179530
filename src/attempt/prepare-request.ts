import type { RequestBody } from '../core/request-body.ts';
import type { ChatRequest } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Target } from '../providers/provider.ts';
import { spliceJson } from '../wire/splice-json.ts';

/** What a caller asked for, decoded only when some target needs it in another dialect. */
export class InboundRequest {
  readonly body: RequestBody;
  readonly dialect: Dialect;
  #canonical: ChatRequest | undefined;

  constructor(body: RequestBody, dialect: Dialect) {
    this.body = body;
    this.dialect = dialect;
  }

  /** @throws GatewayError `invalid_request` when the body cannot mean a request */
  canonical(): ChatRequest {
    this.#canonical ??= this.dialect.request.decode(this.body.json, {});
    return this.#canonical;
  }
}

/** A request as one target gets it. */
export interface OutgoingRequest {
  /** Path and query. */
  readonly path: string;
  readonly body: Buffer | string;
  /** The caller's own bytes but for the spliced members; the answer may pass through as well. */
  readonly passThrough: boolean;
  /** Parameters the target cannot take. */
  readonly dropped: readonly string[];
}

export interface PrepareOptions {
  readonly stream: boolean;
}

/**
 * The request for a target: the caller's bytes where both speak the same and nothing needs rewriting, a translation
 * otherwise.
 *
 * @throws GatewayError when the target cannot take the request at all
 */
export function prepareRequest(inbound: InboundRequest, target: Target, { stream }: PrepareOptions): OutgoingRequest {
  const { provider, basePath } = target.instance;
  const path = basePath + provider.chatPath(target.model, stream);
  const { body } = inbound;
  if (provider.dialect.name === inbound.dialect.name && body.bytes !== undefined && body.members !== undefined) {
    const splices = provider.dialect.request.passThrough(body.json, { model: target.model });
    if (splices !== undefined) {
      return { path, body: spliceJson(body.bytes, body.members, splices), passThrough: true, dropped: [] };
    }
  }
  const encoded = provider.dialect.request.encode(inbound.canonical(), { model: target.model });
  return { path, body: JSON.stringify(encoded.body), passThrough: false, dropped: encoded.dropped };
}
