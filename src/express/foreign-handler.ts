import type { Writable } from 'node:stream';
import type { ForeignAnswer } from '../core/foreign-answer.ts';
import { captureResponse } from './capture-response.ts';
import { type HttpExchange, takeOver } from './exchange.ts';
import type { HttpRequest } from './http-types.ts';
import { writeReply } from './write-reply.ts';

/**
 * Lets the app's own handler, usually a proxy, answer a call: it sees the request in the provider's dialect, and what
 * it writes is read as the provider's answer. The caller gets the translation.
 */
export function handToForeign(foreign: ForeignAnswer, exchange: HttpExchange, request: HttpRequest): void {
  takeOver(exchange);
  const { response } = exchange;
  let paused = false;
  const capture = captureResponse(response, {
    withhold: true,
    onHead: (status, headers) => foreign.onHead(status, headers),
    onData: (chunk) => {
      foreign.onData(chunk);
      return !paused;
    },
    onEnd: () => foreign.onEnd(),
    onBroken: () => foreign.onBroken(),
  });
  foreign.attach({
    pause: () => {
      paused = true;
    },
    resume: () => {
      if (!paused) return;
      paused = false;
      response.emit('drain');
    },
    // Our own reply ends the response, and a proxy closes its upstream when its response closes.
    abort: () => {},
  });
  showRequest(request, foreign.request);
  foreign.reply.then(
    (reply) => writeReply(reply, exchange, capture.writer),
    () => response.destroy(),
  );
}

/** Rewrites what the handler sees of the request: path, headers, body. Its credentials and cookies are the caller's, not the provider's. */
function showRequest(request: HttpRequest, shown: ForeignAnswer['request']): void {
  request.url = shown.path;
  for (const name of Object.keys(request.headers)) {
    if (name !== 'host') delete request.headers[name];
  }
  Object.assign(request.headers, shown.headers, { 'content-length': String(shown.body.length) });
  request.rawHeaders = Object.entries(request.headers).flatMap(([name, value]) => [name, String(value)]);
  request.body = JSON.parse(shown.body.toString('utf8'));
  // The stream has been read; a proxy that pipes it gets the new bytes instead.
  request.pipe = <Destination extends NodeJS.WritableStream>(destination: Destination): Destination => {
    sendBody(destination, shown.body);
    return destination;
  };
}

/** After the socket is there: until then the proxy may still set headers, and may write a body of its own. */
function sendBody(destination: NodeJS.WritableStream & Partial<Pick<Writable, 'destroyed'>>, body: Buffer): void {
  const send = (): void => {
    if (Reflect.get(destination, 'headersSent') === true) destination.end();
    else destination.end(body);
  };
  if (Reflect.get(destination, 'socket') === null) destination.once('socket', send);
  else send();
}
