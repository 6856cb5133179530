import type { Runtime } from '../core/runtime.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { ProviderInstance } from '../providers/provider.ts';
import { KeyRing, type TakenKey } from '../routing/key-ring.ts';
import { createHttpClient, type HttpClient } from '../upstream/http-client.ts';

/** What a provider instance needs to be called: its connections and its keys. */
export interface Link {
  readonly instance: ProviderInstance;
  readonly client: HttpClient;
  readonly runtime: Runtime;
  /** Absent for a server that takes no key. */
  readonly keys: KeyRing | undefined;
  /** Request headers as a flat list, without the credential, by the media type that is asked for. */
  readonly headers: Map<string, readonly string[]>;
}

export function createLink(instance: ProviderInstance, runtime: Runtime): Link {
  return {
    instance,
    runtime,
    client: createHttpClient({
      origin: instance.origin,
      connectTimeout: instance.timeouts.connect,
      runtime,
    }),
    keys: instance.apiKeys.length === 0 ? undefined : new KeyRing(instance.apiKeys, runtime),
    headers: new Map(),
  };
}

/** The media type to ask for. */
export function acceptedType({ stream }: Dialect, wantsStream: boolean): string {
  return wantsStream ? stream.framing.mediaType : 'application/json';
}

/** Headers of one request. Nothing of the caller's own headers goes along. */
export function requestHeaders(link: Link, key: TakenKey | undefined, accept: string): string[] {
  let known = link.headers.get(accept);
  if (known === undefined) {
    known = headerList(link.instance, accept);
    link.headers.set(accept, known);
  }
  const headers = [...known];
  const placement = link.instance.provider.credential;
  if (key === undefined || placement === undefined) return headers;
  headers.push(placement.header, placement.header === 'authorization' ? `${placement.scheme} ${key.key}` : key.key);
  return headers;
}

function headerList(instance: ProviderInstance, accept: string): readonly string[] {
  return Object.entries({
    'content-type': 'application/json',
    accept,
    // Compression would hold tokens back, and what is not compressed need not be trusted to be small.
    'accept-encoding': 'identity',
    'user-agent': 'ai-gateway-middleware',
    ...instance.headers,
  }).flat();
}
