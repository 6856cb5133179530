import type { Capability } from '../core/capability.ts';
import type { Reply } from '../core/reply.ts';
import { defaultBodyLimit } from '../core/request-body.ts';
import { rejection, runCapability } from '../core/run.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { exchangeOf, type HttpExchange, takeOver } from './exchange.ts';
import { handToForeign } from './foreign-handler.ts';
import type { HttpRequest, Middleware } from './http-types.ts';
import { observe } from './observe.ts';
import { writeReply } from './write-reply.ts';

export interface MountOptions {
  readonly runtime?: Runtime;
  /**
   * Largest request body in bytes, after decompression. The first capability mounted on a request sets it.
   * @default 32 MiB
   */
  readonly bodyLimit?: number;
}

/** Wraps a capability as a middleware of the same name. */
export function mount(capability: Capability, options: MountOptions = {}): Middleware {
  return mountAll([capability], { ...options, name: capability.name });
}

/** Wraps several capabilities, in order, as one middleware. */
export function mountAll(
  capabilities: readonly Capability[],
  options: MountOptions & { readonly name: string },
): Middleware {
  const settings = { runtime: options.runtime ?? systemRuntime, bodyLimit: options.bodyLimit ?? defaultBodyLimit };
  const middleware: Middleware = (request, response, next) => {
    const exchange = exchangeOf(request, response, settings);
    if (exchange.refused !== undefined) {
      // There is nothing to decide for them, but who watches calls hears of this one as well.
      exchange.call.capabilities.push(...capabilities);
      writeReply(rejection(exchange.call, exchange.refused), exchange);
      return;
    }
    const reply = runInOrder(exchange, capabilities, 0);
    if (reply instanceof Promise) reply.then((settled) => proceed({ exchange, request, next }, settled)).catch(next);
    else proceed({ exchange, request, next }, reply);
  };
  return Object.defineProperty(middleware, 'name', { value: options.name });
}

/** The first reply; `undefined` when all capabilities let the call pass. Stays synchronous as long as they do. */
function runInOrder(
  exchange: HttpExchange,
  capabilities: readonly Capability[],
  first: number,
): Reply | undefined | Promise<Reply | undefined> {
  for (let index = first; index < capabilities.length; index += 1) {
    const capability = capabilities[index];
    if (capability === undefined) continue;
    if (capability.answer !== undefined) takeOver(exchange);
    const step = runCapability(exchange.call, capability);
    if (step instanceof Promise) {
      return step.then((reply) => reply ?? runInOrder(exchange, capabilities, index + 1));
    }
    if (step !== undefined) return step;
  }
  return undefined;
}

interface Passing {
  readonly exchange: HttpExchange;
  readonly request: HttpRequest;
  readonly next: (error?: unknown) => void;
}

function proceed({ exchange, request, next }: Passing, reply: Reply | undefined): void {
  const { call } = exchange;
  if (reply !== undefined) {
    takeOver(exchange);
    writeReply(reply, exchange);
    // Refused behind a hand-over to the app's own handler: nobody waits for what that handler answers.
    if (call.foreign !== undefined) call.cancellation.cancel('client_gone');
    return;
  }
  if (call.foreign === undefined) observe(exchange);
  else if (!exchange.answering) handToForeign(call.foreign, exchange, request);
  next();
}
