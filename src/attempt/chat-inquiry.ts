import type { Call } from '../core/call.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { ChatRequest } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Target } from '../providers/provider.ts';
import { spliceJson } from '../wire/splice-json.ts';
import { readChatAnswer } from './chat-answer.ts';
import type { Inquiry, OutgoingRequest } from './inquiry.ts';

export interface ChatInquiryInit {
  readonly call: Pick<Call, 'origin' | 'stream'>;
  readonly body: RequestBody;
  readonly dialect: Dialect;
  readonly includeUsage: boolean;
}

/** A caller's chat request, decoded only when some target needs it in another dialect. */
export class ChatInquiry implements Inquiry {
  readonly dialect: Dialect;
  readonly includeUsage: boolean;
  readonly #call: ChatInquiryInit['call'];
  readonly #body: RequestBody;
  #canonical: ChatRequest | undefined;

  constructor({ call, body, dialect, includeUsage }: ChatInquiryInit) {
    this.#call = call;
    this.#body = body;
    this.dialect = dialect;
    this.includeUsage = includeUsage;
  }

  /** @throws GatewayError `invalid_request` when the body cannot mean a request */
  canonical(): ChatRequest {
    this.#canonical ??= this.dialect.request.decode(this.#body.json, this.#call.origin);
    return this.#canonical;
  }

  /** The caller's bytes where both speak the same and nothing needs rewriting, a translation otherwise. */
  prepare(target: Target): OutgoingRequest {
    const { provider, basePath } = target.instance;
    const path = basePath + provider.chatPath(target.model, this.#call.stream);
    return this.#asItIs(target, path) ?? this.#translated(target, path);
  }

  #asItIs({ instance, model }: Target, path: string): OutgoingRequest | undefined {
    const { dialect } = instance.provider;
    const { json, bytes, members } = this.#body;
    const { origin } = this.#call;
    if (dialect.name !== this.dialect.name || bytes === undefined || members === undefined) return undefined;
    // The caller wants another framing than the provider is asked for.
    if (origin.framing !== undefined) return undefined;
    const splices = dialect.request.passThrough(json, { model });
    if (splices === undefined) return undefined;
    return { path, body: spliceJson(bytes, members, splices), passThrough: true, dropped: [], read: readChatAnswer };
  }

  #translated({ instance, model }: Target, path: string): OutgoingRequest {
    const encoded = instance.provider.dialect.request.encode(this.canonical(), { model });
    return {
      path,
      body: JSON.stringify(encoded.body),
      passThrough: false,
      dropped: encoded.dropped,
      read: readChatAnswer,
    };
  }
}
