import type { ForeignAnswer } from '../core/foreign-answer.ts';
import { type HttpExchange, takeOver } from './exchange.ts';
import type { HttpRequest } from './http-types.ts';
import { withholdResponse } from './withhold-response.ts';
import { writeReply } from './write-reply.ts';

/**
 * Lets the app's own handler, usually a proxy, answer a call: it sees the request in the provider's dialect, and what
 * it writes is read as the provider's answer. The caller gets the translation.
 */
export function handToForeign(foreign: ForeignAnswer, exchange: HttpExchange, request: HttpRequest): void {
  takeOver(exchange);
  const { response } = exchange;
  let paused = false;
  const writer = withholdResponse(response, {
    onHead: (status, headers) => foreign.onHead(status, headers),
    onData: (chunk) => {
      foreign.onData(chunk);
      return !paused;
    },
    onEnd: () => foreign.onEnd(),
    onBroken: () => foreign.onBroken(),
  });
  exchange.writer = writer;
  // A proxy stops reading when the response closes; what it has not passed on by then is not coming any more.
  response.once('close', () => foreign.onEnd());
  const piped = showRequest(request, foreign.request);
  foreign.attach({
    pause: () => {
      paused = true;
    },
    resume: () => {
      if (!paused) return;
      paused = false;
      response.emit('drain');
    },
    // A proxy closes its upstream when its response closes unfinished; ours may be finished long before.
    abort: () => piped.abort(),
  });
  foreign.reply
    .then((reply) => writeReply(reply, exchange))
    // Whatever keeps the reply from being written: a connection that says nothing must not stay open.
    .catch(() => writer.destroy());
}

/** Where the handler has piped the request to. */
interface PipedRequest {
  /** Closes those destinations, and any to come. */
  abort(): void;
}

/** Rewrites what the handler sees of the request: path, headers, body. Its credentials and cookies are the caller's, not the provider's. */
function showRequest(request: HttpRequest, shown: ForeignAnswer['request']): PipedRequest {
  const { host } = request.headers;
  const headers = {
    ...(host !== undefined && { host }),
    ...shown.headers,
    'content-length': String(shown.body.length),
  };
  showPath(request, shown.path);
  // A new object: the call's head keeps the headers as the caller sent them, and no provider's key gets into it.
  request.headers = headers;
  request.rawHeaders = Object.entries(headers).flat();
  request.body = JSON.parse(shown.body.toString('utf8'));
  const destinations: PipeDestination[] = [];
  let aborted = false;
  // The stream has been read; a proxy that pipes it gets the new bytes instead.
  request.pipe = <Destination extends PipeDestination>(destination: Destination): Destination => {
    destinations.push(destination);
    if (aborted) destination.destroy?.();
    else sendBody(destination, shown.body);
    return destination;
  };
  return {
    abort() {
      aborted = true;
      for (const destination of destinations) destination.destroy?.();
    },
  };
}

/**
 * Express 4 and Connect put a slash before the rest of a path that their mount point has used up, and afterwards take
 * the first character off whatever stands there by then.
 */
function showPath(request: HttpRequest, path: string): void {
  const withoutSlash = path.slice(1);
  let url = path;
  Object.defineProperty(request, 'url', {
    configurable: true,
    enumerable: true,
    get: () => url,
    set: (value: string) => {
      url = value === withoutSlash ? path : value;
    },
  });
}

type PipeDestination = NodeJS.WritableStream & { destroy?(): unknown };

/** After the socket is there: until then the proxy may still set headers, and may write a body of its own. */
function sendBody(destination: PipeDestination, body: Buffer): void {
  const send = (): void => {
    if (Reflect.get(destination, 'headersSent') === true) destination.end();
    else destination.end(body);
  };
  if (Reflect.get(destination, 'socket') === null) destination.once('socket', send);
  else send();
}
