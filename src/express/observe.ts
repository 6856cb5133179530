import { AnswerObserver } from '../attempt/answer-observer.ts';
import type { Call } from '../core/call.ts';
import { header } from '../core/header-names.ts';
import { dialectOf } from '../dialects/index.ts';
import type { HttpExchange } from './exchange.ts';
import type { HttpResponse } from './http-types.ts';
import { observeResponse } from './observe-response.ts';

/**
 * A call leaves our hands for the app's own handlers. They answer under the call's request id, and where it is a chat
 * call its answer is read along, so that what it used is known when the call settles.
 */
export function observe(exchange: HttpExchange): void {
  const { call, response } = exchange;
  if (exchange.observing !== undefined || response.headersSent) return;
  if (call.operation !== 'chat' || call.head.method !== 'POST') {
    setCallHeaders(response, call);
    return;
  }
  const observer = new AnswerObserver(dialectOf(call.dialect));
  const observation = observeResponse(response, {
    // Set as late as this, because a terminal of ours may yet take over and writes its headers in one piece.
    beforeHead: () => setCallHeaders(response, call),
    onHead: (status, headers) => observer.onHead(status, (name) => headers[name]?.toString()),
    onData: (chunk) => observer.onData(chunk),
    onEnd: () => observer.onEnd(),
    onBroken: () => observer.onBroken(),
  });
  exchange.observing = { observation, observer };
}

function setCallHeaders(response: HttpResponse, { id, replyHeaders }: Call): void {
  for (const [name, value] of Object.entries(replyHeaders ?? {})) response.setHeader(name, value);
  response.setHeader(header.requestId, id);
}
