import type { Cancellation } from '../core/cancellation.ts';
import { GatewayError } from '../core/errors.ts';
import type { ChatRequest, MediaSource, Message, Part } from '../dialects/canonical.ts';
import type { FetchedMedia, MediaFetcher } from '../upstream/fetch-media.ts';

/** Whether a target needs the bytes of a source. */
export type NeedsBytes = (source: MediaSource) => boolean;

/** More pictures in one request than any provider reads. */
const maxMedia = 20;

/** The media of one request by URL: fetched once, whichever and however many targets need them. */
export class InlinedMedia {
  readonly #fetcher: MediaFetcher;
  readonly #cancellation: Cancellation;
  readonly #fetched = new Map<string, FetchedMedia>();
  #bytesLeft: number;

  constructor(fetcher: MediaFetcher, cancellation: Cancellation) {
    this.#fetcher = fetcher;
    this.#cancellation = cancellation;
    this.#bytesLeft = fetcher.maxBytes;
  }

  /**
   * The request with bytes in place of every URL that `needs` names.
   *
   * @throws GatewayError `invalid_request` for what cannot be fetched
   */
  async inline(request: ChatRequest, needs: NeedsBytes): Promise<ChatRequest> {
    const urls = new Set(mediaUrls(request, needs));
    if (urls.size > maxMedia) {
      const message = `The gateway fetches at most ${maxMedia} URLs for one request. Send the content itself as base64 data.`;
      throw new GatewayError('invalid_request', { param: 'messages', message });
    }
    // One after the other: what one has left of the bytes is the next one's limit, and callers aim no volleys.
    for (const url of urls) if (!this.#fetched.has(url)) this.#fetched.set(url, await this.#load(url));
    return { ...request, messages: request.messages.map((message) => this.#inMessage(message, needs)) };
  }

  async #load(url: string): Promise<FetchedMedia> {
    const media = await this.#fetcher.load({ url, maxBytes: this.#bytesLeft, cancellation: this.#cancellation });
    this.#bytesLeft -= media.bytes.length;
    return media;
  }

  #inMessage(message: Message, needs: NeedsBytes): Message {
    return { ...message, parts: message.parts.map((part) => this.#inPart(part, needs)) };
  }

  #inPart<Kind extends Part>(part: Kind, needs: NeedsBytes): Kind {
    switch (part.type) {
      case 'image':
      case 'file':
      case 'audio':
        return part.source.kind === 'url' && needs(part.source)
          ? { ...part, source: this.#bytesOf(part.source.url) }
          : part;
      case 'tool-result':
        return { ...part, content: part.content.map((content) => this.#inPart(content, needs)) };
      default:
        return part;
    }
  }

  #bytesOf(url: string): MediaSource {
    const media = this.#fetched.get(url);
    if (media === undefined) throw new Error('A URL that was not fetched.');
    return { kind: 'base64', mediaType: media.mediaType, data: media.bytes.toString('base64') };
  }
}

/** Whether any part of the request needs what only the gateway can fetch. */
export function needsMedia(request: ChatRequest, needs: NeedsBytes): boolean {
  return mediaUrls(request, needs).next().done !== true;
}

function* mediaUrls(request: ChatRequest, needs: NeedsBytes): Generator<string, undefined> {
  for (const { parts } of request.messages) yield* urlsOf(parts, needs);
  return undefined;
}

function* urlsOf(parts: readonly Part[], needs: NeedsBytes): Generator<string, undefined> {
  for (const part of parts) {
    if (part.type === 'tool-result') yield* urlsOf(part.content, needs);
    else if ('source' in part && part.source.kind === 'url' && needs(part.source)) yield part.source.url;
  }
  return undefined;
}
