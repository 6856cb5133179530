import type { Runtime } from '../core/runtime.ts';
import type { ProviderInstance } from '../providers/provider.ts';
import { KeyRing, type TakenKey } from '../routing/key-ring.ts';
import { createHttpClient, type HttpClient } from '../upstream/http-client.ts';

/** What a provider instance needs to be called: its connections and its keys. */
export interface Link {
  readonly instance: ProviderInstance;
  readonly client: HttpClient;
  /** Absent for a server that takes no key. */
  readonly keys: KeyRing | undefined;
  /** Request headers as a flat list, without the credential. */
  readonly headers: { readonly whole: readonly string[]; readonly stream: readonly string[] };
}

export function createLink(instance: ProviderInstance, runtime: Runtime): Link {
  return {
    instance,
    client: createHttpClient({
      origin: instance.origin,
      connectTimeout: instance.timeouts.connect,
      runtime,
    }),
    keys: instance.apiKeys.length === 0 ? undefined : new KeyRing(instance.apiKeys, runtime),
    headers: {
      whole: headerList(instance, 'application/json'),
      stream: headerList(instance, instance.provider.dialect.stream.framing.mediaType),
    },
  };
}

/** Headers of one request. Nothing of the caller's own headers goes along. */
export function requestHeaders(link: Link, key: TakenKey | undefined, stream: boolean): string[] {
  const headers = [...(stream ? link.headers.stream : link.headers.whole)];
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
