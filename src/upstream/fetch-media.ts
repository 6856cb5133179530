import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { Cancellation } from '../core/cancellation.ts';
import { GatewayError } from '../core/errors.ts';
import { patience } from '../core/patience.ts';
import type { Runtime } from '../core/runtime.ts';
import { isPublicAddress } from './address-policy.ts';
import type { MediaLimits } from './fetch-media-options.ts';
import { sniffMediaType } from './fetch-media-type.ts';
import { checkMediaUrl } from './fetch-media-url.ts';

/** What stood at a URL. */
export interface FetchedMedia {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface MediaFetch {
  readonly url: string;
  /** Most bytes this one may have. */
  readonly maxBytes: number;
  /** The call for which it is fetched. */
  readonly cancellation: Cancellation;
}

/** Fetches pictures and documents that callers name by URL, for providers that fetch none. */
export interface MediaFetcher {
  /** Most bytes of all media of one request together. */
  readonly maxBytes: number;
  /** @throws GatewayError `invalid_request` that says why as far as the caller may know */
  load(media: MediaFetch): Promise<FetchedMedia>;
}

/** What a fetcher takes from its surroundings. */
export interface MediaSurroundings {
  readonly runtime: Runtime;
  /** All addresses of a host. @default the system's resolver */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Where connections really go, for a network in which the public internet is somewhere else. @default there */
  readonly connect?: (address: LookupAddress, url: URL) => { readonly address: LookupAddress; readonly origin: string };
}

const maxRedirects = 3;

/**
 * A fetcher that cannot be led into the gateway's own network: each address of the host is looked at, the connection
 * goes to an address that was looked at and not to the name again, and every redirect starts over.
 */
export function createMediaFetcher(limits: MediaLimits, surroundings: MediaSurroundings): MediaFetcher {
  return {
    maxBytes: limits.maxBytes,
    async load({ url, maxBytes, cancellation }) {
      const controller = new AbortController();
      const forget = cancellation.onCancel(() => controller.abort());
      const timer = patience(surroundings.runtime, limits.timeout, () => controller.abort());
      try {
        const visit = { limits, surroundings, maxBytes, signal: controller.signal };
        return await follow(url, visit);
      } catch (thrown) {
        if (cancellation.reason === 'client_gone') throw new GatewayError('client_closed_request');
        if (cancellation.reason === 'shutting_down') throw new GatewayError('shutting_down');
        throw thrown instanceof GatewayError ? thrown : unreachable(thrown);
      } finally {
        timer.cancel();
        forget();
      }
    },
  };
}

interface Visit {
  readonly limits: MediaLimits;
  readonly surroundings: MediaSurroundings;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

async function follow(text: string, visit: Visit): Promise<FetchedMedia> {
  let next = text;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await visitOnce(next, visit);
    if (!('location' in answer)) return answer;
    next = answer.location;
  }
  throw refusal('it redirects too often');
}

async function visitOnce(text: string, visit: Visit): Promise<FetchedMedia | { readonly location: string }> {
  const checked = checkMediaUrl(text, visit.limits.allowHosts);
  if ('refused' in checked) throw refusal(checked.refused);
  const { url, host } = checked;
  const address = await publicAddress(host, visit);
  const place = visit.surroundings.connect?.(address, url) ?? { address, origin: url.origin };
  const client = new Client(place.origin, {
    connect: { lookup: pinned(place.address), timeout: visit.limits.timeout },
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: 16 * 1024,
  });
  try {
    const response = await client.request({
      path: url.pathname + url.search,
      method: 'GET',
      headers: {
        accept: 'image/png, image/jpeg, image/gif, image/webp, application/pdf',
        // What is not compressed cannot grow.
        'accept-encoding': 'identity',
        'user-agent': 'ai-gateway-middleware',
        ...(place.origin !== url.origin && { host: url.host }),
      },
      signal: visit.signal,
    });
    return await read(response, url, visit.maxBytes);
  } finally {
    // Whatever is left of the body is not wanted.
    await client.destroy();
  }
}

/** The first address of the host when all of them are public: one that is not makes the name suspect. */
async function publicAddress(host: string, { surroundings, signal }: Visit): Promise<LookupAddress> {
  const { resolve = resolveBySystem } = surroundings;
  const addresses = await abortable(resolve(host), signal);
  const [first] = addresses;
  if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) throw unreachable();
  return first;
}

/** Leads to one address, whatever the name has come to mean since. */
function pinned({ address, family }: LookupAddress): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

async function read(
  response: Dispatcher.ResponseData,
  url: URL,
  maxBytes: number,
): Promise<FetchedMedia | { readonly location: string }> {
  const { statusCode, headers, body } = response;
  if (statusCode >= 300 && statusCode < 400) return { location: redirectTarget(headers.location, url) };
  if (statusCode !== 200) throw unreachable();
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw refusal('it is served compressed');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) throw unreachable();
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const mediaType = sniffMediaType(bytes);
  if (mediaType === undefined) throw refusal('it is neither a PNG, JPEG, GIF or WebP image nor a PDF');
  return { mediaType, bytes };
}

function redirectTarget(location: unknown, from: URL): string {
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) throw unreachable();
  const target = new URL(location, from);
  if (from.protocol === 'https:' && target.protocol === 'http:') throw refusal('it redirects from https to http');
  return target.href;
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true, order: 'verbatim' }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

/** Look-ups cannot be stopped, but nobody has to wait for them. */
async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new DOMException('aborted', 'AbortError'));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function refusal(reason: string): GatewayError {
  return new GatewayError('invalid_request', {
    param: 'messages',
    message: `The gateway does not fetch this URL: ${reason}. Send the content itself as base64 data.`,
  });
}

function tooLarge(): GatewayError {
  return refusal('its content is too large');
}

/** One text for a host that is not public, one that does not answer and one that refuses: callers map no networks. */
function unreachable(cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', {
    param: 'messages',
    message: 'The gateway could not fetch this URL. Send the content itself as base64 data.',
    ...(cause !== undefined && { cause }),
  });
}
