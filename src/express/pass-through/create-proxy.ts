import { Agent as HttpAgent, type IncomingMessage, ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { HttpRequest } from '../http-types.ts';
import type { HttpPassage } from './http-passage.ts';
import { streamOf } from './sent-body.ts';

/** Milliseconds after which an unused connection is closed: before most providers do it under our hands. */
const keepAlive = 4_000;

/** A request that is to be proxied. */
export interface ProxiedRequest {
  readonly request: HttpRequest;
  readonly passage: HttpPassage;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query at the provider. */
  readonly path: string;
  /** The request's body when it has been read before. */
  readonly body: Buffer | undefined;
  /** Stands for the response as far as the proxy knows. */
  readonly stand: ServerResponse;
}

export interface Forwarder {
  send(proxied: ProxiedRequest): void;
  close(): void;
}

/** Where the proxy believes it writes. It hears here when nobody waits any more, and can do no harm. */
export function standForResponse(request: IncomingMessage): ServerResponse {
  return new ServerResponse(request);
}

/**
 * One proxy for all providers: each instance of http-proxy-middleware listens to the server's end, and eleven of them
 * would set off Node's warning of a leak.
 */
export function createProxy(): Forwarder {
  const options = { keepAlive: true, timeout: keepAlive };
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  const underWay = new WeakMap<IncomingMessage, ProxiedRequest & { readonly restore: () => void }>();
  const forward = createProxyMiddleware<HttpRequest, ServerResponse>({
    changeOrigin: true,
    // The answer is read by the passage: the proxy would copy every header of it.
    selfHandleResponse: true,
    followRedirects: false,
    xfwd: false,
    router: (request, _response, own) => {
      const proxied = underWay.get(request);
      if (proxied === undefined) throw new Error('A request that is not under way.');
      own.agent = proxied.origin.startsWith('https:') ? agents.https : agents.http;
      if (proxied.body !== undefined) own.buffer = streamOf(proxied.body);
      return proxied.origin;
    },
    pathRewrite: (_path, request) => {
      const proxied = underWay.get(request);
      if (proxied !== undefined) request.headers = sentHeaders(proxied);
      return proxied?.path;
    },
    on: {
      proxyReq: (outgoing, request) => {
        const proxied = underWay.get(request);
        proxied?.restore();
        if (proxied === undefined) outgoing.destroy();
        else proxied.passage.onOutgoing(outgoing);
      },
      proxyRes: (answer, request) => underWay.get(request)?.passage.onAnswer(answer),
      error: (error, request) => underWay.get(request)?.passage.onFault(error),
    },
  });
  return {
    send(proxied) {
      const { request, stand, passage } = proxied;
      const { headers, url } = request;
      // Whoever looks at the request afterwards, a log for one, sees it as the caller sent it.
      const restore = (): void => {
        request.headers = headers;
        if (url !== undefined) request.url = url;
      };
      underWay.set(request, { ...proxied, restore });
      forward(request, stand, (thrown) => passage.onFault(thrown)).catch((thrown: unknown) => passage.onFault(thrown));
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function sentHeaders({ passage, body }: ProxiedRequest): Record<string, string> {
  const headers = passage.headers();
  return body === undefined ? headers : { ...headers, 'content-length': String(body.length) };
}
