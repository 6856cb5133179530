import type { Call } from '../core/call.ts';
import type { DialectName } from '../core/dialect-name.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { ChatRequest, MediaSource } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Target } from '../providers/provider.ts';
import { surfaceFor } from '../providers/surface.ts';
import { candidateOf } from '../providers/target.ts';
import type { MediaFetcher } from '../upstream/fetch-media.ts';
import { spliceBody } from '../wire/splice-json.ts';
import { readChatAnswer } from './chat-answer.ts';
import { InlinedMedia, needsMedia } from './inline-media.ts';
import type { Inquiry, OutgoingRequest } from './inquiry.ts';
import { PromptSize } from './prompt-size.ts';

export interface ChatInquiryInit {
  readonly call: Pick<Call, 'origin' | 'stream' | 'cancellation' | 'allowance'>;
  readonly body: RequestBody;
  readonly dialect: Dialect;
  readonly includeUsage: boolean;
  /** Fetches what a target wants as bytes. @default nobody does: such a request is refused */
  readonly media?: MediaFetcher | undefined;
}

/** A caller's chat request, decoded only when some target needs it in another dialect. */
export class ChatInquiry implements Inquiry {
  readonly dialect: Dialect;
  readonly includeUsage: boolean;
  readonly #call: ChatInquiryInit['call'];
  readonly #body: RequestBody;
  readonly #media: MediaFetcher | undefined;
  #inlined: InlinedMedia | undefined;
  #canonical: ChatRequest | undefined;

  constructor({ call, body, dialect, includeUsage, media }: ChatInquiryInit) {
    this.#call = call;
    this.#body = body;
    this.dialect = dialect;
    this.includeUsage = includeUsage;
    this.#media = media;
  }

  /** @throws GatewayError `invalid_request` when the body cannot mean a request */
  canonical(): ChatRequest {
    this.#canonical ??= this.dialect.request.decode(this.#body.json, this.#call.origin);
    return this.#canonical;
  }

  promptTokens(model: string): number {
    return new PromptSize(this.#body).tokensOf(model);
  }

  /** The caller's bytes where both speak the same and nothing needs rewriting, a translation otherwise. */
  prepare(target: Target): OutgoingRequest | Promise<OutgoingRequest> {
    const surface = surfaceFor(target.instance, target.model, this.dialect.name);
    if (surface === undefined) throw new GatewayError('model_not_found', { param: 'model' });
    const path = target.instance.basePath + surface.chatPath(target.model, this.#call.stream);
    const bound = this.#call.allowance?.maxOutputTokens(candidateOf(target));
    const place = { dialect: surface.dialect, model: target.model, path, bound };
    return this.#asItIs(place) ?? this.#translated(place);
  }

  #asItIs({ dialect, model, path, bound }: Place): OutgoingRequest | undefined {
    if (dialect.name !== this.dialect.name) return undefined;
    // The caller wants another framing than the provider is asked for.
    if (this.#call.origin.framing !== undefined) return undefined;
    if (bound !== undefined && !boundDialects.has(dialect.name)) return undefined;
    const splices = dialect.request.passThrough(this.#body.json, {
      model,
      ...(bound !== undefined && { maxOutputTokens: bound }),
    });
    if (splices === undefined) return undefined;
    const body = spliceBody(this.#body, splices);
    return { path, body, dialect, passThrough: true, dropped: [], read: readChatAnswer };
  }

  #translated(place: Place): OutgoingRequest | Promise<OutgoingRequest> {
    const { dialect, model, bound } = place;
    const request = bound === undefined ? this.canonical() : { ...this.canonical(), maxOutputTokens: bound };
    const needs = (source: MediaSource): boolean => dialect.request.needsBytes?.(source, { model }) === true;
    if (this.#media === undefined || dialect.request.needsBytes === undefined || !needsMedia(request, needs)) {
      return this.#encoded(request, place);
    }
    this.#inlined ??= new InlinedMedia(this.#media, this.#call.cancellation);
    return this.#inlined.inline(request, needs).then((inlined) => this.#encoded(inlined, place));
  }

  #encoded(request: ChatRequest, { dialect, model, path }: Place): OutgoingRequest {
    // The caller's own bound as well: nothing more has been set aside.
    const paidFor = this.#call.allowance === undefined ? undefined : request.maxOutputTokens;
    const target = { model, ...(paidFor !== undefined && { maxOutputTokens: paidFor }) };
    const { body, dropped } = dialect.request.encode(request, target);
    return { path, body: JSON.stringify(body), dialect, passThrough: false, dropped, read: readChatAnswer };
  }
}

/** Where a request goes, and how it is put there. */
interface Place {
  readonly dialect: Dialect;
  readonly model: string;
  readonly path: string;
  /** Generated tokens it may have at most, where somebody guards the money. */
  readonly bound: number | undefined;
}

/** Those that can splice a bound into a body. */
const boundDialects: ReadonlySet<DialectName> = new Set(['openai-chat', 'anthropic-messages']);
