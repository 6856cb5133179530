import type { Capability } from '../core/capability.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Reply } from '../core/reply.ts';
import { rejection, runCapability } from '../core/run.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { dialects } from '../dialects/index.ts';
import { type HttpExchange, exchangeOf, observe } from './exchange.ts';
import { handToForeign } from './foreign-handler.ts';
import type { HttpRequest, HttpResponse, Middleware } from './http-types.ts';
import { defaultBodyLimit } from './read-body.ts';
import { writeReply } from './write-reply.ts';

export interface MountOptions {
  readonly runtime?: Runtime;
  /** Largest request body in bytes, after decompression. @default 32 MiB */
  readonly bodyLimit?: number;
}

/** Wraps a capability as an Express middleware of the same name. The first one mounted on a request makes its call. */
export function mount(capability: Capability, options: MountOptions = {}): Middleware {
  const settings = { runtime: options.runtime ?? systemRuntime, bodyLimit: options.bodyLimit ?? defaultBodyLimit };
  const middleware: Middleware = (request, response, next) => {
    const exchange = exchangeOf(request, response, settings);
    if (exchange.refused !== undefined) {
      refuse(exchange, exchange.refused);
      return;
    }
    if (capability.answer !== undefined) takeOver(exchange);
    const step = runCapability(exchange.call, capability);
    if (step instanceof Promise) {
      step.then((reply) => proceed({ exchange, reply, request, next })).catch(next);
    } else {
      proceed({ exchange, reply: step, request, next });
    }
  };
  return Object.defineProperty(middleware, 'name', { value: capability.name });
}

interface Step {
  readonly exchange: HttpExchange;
  readonly reply: Reply | undefined;
  readonly request: HttpRequest;
  readonly next: (error?: unknown) => void;
}

function proceed({ exchange, reply, request, next }: Step): void {
  const { call, response } = exchange;
  if (reply !== undefined) {
    exchange.observing?.capture.release();
    writeReply(reply, response);
    return;
  }
  if (call.foreign !== undefined) handToForeign(call.foreign, { request, response });
  else if (call.operation === 'chat' && call.head.method === 'POST') observe(exchange, dialects[call.dialect]);
  next();
}

/** From here on the answer is ours: nobody needs to read along. */
function takeOver(exchange: HttpExchange): void {
  exchange.answering = true;
  exchange.observing?.capture.release();
  exchange.observing = undefined;
}

function refuse(exchange: HttpExchange, error: GatewayError): void {
  writeReply(rejection(exchange.call, error), exchange.response);
}

/** The middleware's response as a handler sees it. */
export type { HttpResponse };
