/**
 * The part of Kong's plugin development kit that is used here, as both our own plugin server and Kong's
 * (`kong-js-pluginserver`) hand it to a plugin. Each call is one round trip to Kong; what comes back is Kong's, so its
 * shape is not taken for granted.
 *
 * @see https://developer.konghq.com/gateway/pdk/reference/
 */
export interface Kong {
  readonly request: {
    /** Names in lower case, each with its values; `max` at most 1000. */
    getHeaders(max: number): Promise<unknown>;
    getPathWithQuery(): Promise<unknown>;
    getMethod(): Promise<unknown>;
    /** `max` is the largest body read from disk, 0 for any size; Kong 3.8 and later. */
    getRawBody(max: number): Promise<unknown>;
  };
  readonly client: {
    getForwardedIp(): Promise<unknown>;
  };
  readonly response: {
    /** Ends the request with this answer. Nothing may be called after it. */
    exit(status: number, body: string | Uint8Array, headers: Readonly<Record<string, string>>): Promise<unknown>;
  };
  readonly service: {
    /** `host` must be an IP address: Kong does not resolve names here. */
    setTarget(host: string, port: number): Promise<unknown>;
    readonly request: {
      setHeaders(headers: Readonly<Record<string, string>>): Promise<unknown>;
      clearHeader(name: string): Promise<unknown>;
      setRawQuery(query: string): Promise<unknown>;
    };
  };
  readonly ctx: {
    /** Data of the request, for other plugins. Empty lists become empty objects on the way. */
    readonly shared: { set(key: string, value: SharedValue): Promise<unknown> };
  };
  readonly nginx: {
    getVar(name: string): Promise<unknown>;
  };
}

/** What can be said in both languages. */
export type SharedValue = string | readonly string[] | { readonly [name: string]: SharedValue };

/** Sends one call to Kong. */
export type KongCall = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** Methods Kong does not return from: the answer has been given. */
export const exitMethod = 'kong.response.exit';

/** The kit over our own plugin server. */
export function kongPdk(call: KongCall): Kong {
  return {
    request: {
      getHeaders: (max) => call('kong.request.get_headers', [max]),
      getPathWithQuery: () => call('kong.request.get_path_with_query', []),
      getMethod: () => call('kong.request.get_method', []),
      getRawBody: (max) => call('kong.request.get_raw_body', [max]),
    },
    client: { getForwardedIp: () => call('kong.client.get_forwarded_ip', []) },
    response: { exit: (status, body, headers) => call(exitMethod, [status, body, headers]) },
    service: {
      setTarget: (host, port) => call('kong.service.set_target', [host, port]),
      request: {
        setHeaders: (headers) => call('kong.service.request.set_headers', [headers]),
        clearHeader: (name) => call('kong.service.request.clear_header', [name]),
        setRawQuery: (query) => call('kong.service.request.set_raw_query', [query]),
      },
    },
    ctx: { shared: { set: (key, value) => call('kong.ctx.shared.set', [key, value]) } },
    nginx: { getVar: (name) => call('kong.nginx.get_var', [name]) },
  };
}
