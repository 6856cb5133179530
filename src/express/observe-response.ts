import { plainHeaders, type SentHeaders, toBuffer } from './handler-output.ts';
import type { HttpResponse } from './http-types.ts';

/** Hears what the app's own handler sends. Can change nothing but headers, and those only `beforeHead`. */
export interface ResponseListener {
  beforeHead(): void;
  onHead(status: number, headers: SentHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** The handler destroyed the response before it had ended it. */
  onBroken(): void;
}

export interface Observation {
  /** Hears nothing more; the response behaves as if it had never been observed. */
  release(): void;
}

type Arguments = readonly unknown[];

const observedMethods = ['writeHead', 'flushHeaders', 'write', 'end', 'destroy'] as const;
type ObservedMethods = Pick<HttpResponse, (typeof observedMethods)[number]>;

const observationKey = Symbol('ai-gateway-middleware.observation');

interface Observed {
  [observationKey]?: ResponseObservation;
}

/**
 * Listens to a response by standing in front of the methods that write to it. Everything flows on as it is, and `write`
 * returns what the inner one returns, so that `drain` still comes. Once per response.
 */
export function observeResponse(response: HttpResponse & Observed, listener: ResponseListener): Observation {
  const observation = new ResponseObservation(response, listener);
  response[observationKey] = observation;
  // The same few functions for every response: a set of closures for each would cost more than all they do.
  Object.assign(response, stand);
  return observation;
}

const stand = {
  writeHead(this: Observed, ...head: Arguments): unknown {
    return this[observationKey]?.writeHead(head);
  },
  flushHeaders(this: Observed): void {
    this[observationKey]?.flushHeaders();
  },
  write(this: Observed, ...write: Arguments): unknown {
    return this[observationKey]?.write(write);
  },
  end(this: Observed, ...write: Arguments): unknown {
    return this[observationKey]?.end(write);
  },
  destroy(this: Observed, ...reason: Arguments): unknown {
    return this[observationKey]?.destroy(reason);
  },
};

class ResponseObservation implements Observation {
  readonly #response: HttpResponse;
  readonly #own: ObservedMethods;
  #listener: ResponseListener | undefined;
  #headSeen = false;
  /** The handler has ended the response, or broken it off. */
  #over = false;

  constructor(response: HttpResponse, listener: ResponseListener) {
    this.#response = response;
    this.#listener = listener;
    const { writeHead, flushHeaders, write, end, destroy } = response;
    this.#own = { writeHead, flushHeaders, write, end, destroy };
  }

  release(): void {
    this.#listener = undefined;
    // A method that somebody has wrapped since stays: taking it off would take that wrapper off as well.
    for (const name of observedMethods) {
      if (this.#response[name] === stand[name]) Object.assign(this.#response, { [name]: this.#own[name] });
    }
  }

  writeHead(head: Arguments): unknown {
    this.#beforeHead();
    const result = this.#inner('writeHead', head);
    this.#sawHead();
    return result;
  }

  flushHeaders(): void {
    this.#beforeHead();
    this.#inner('flushHeaders', []);
    this.#sawHead();
  }

  write(write: Arguments): unknown {
    this.#sawBody(write);
    return this.#inner('write', write);
  }

  end(write: Arguments): unknown {
    this.#sawBody(write);
    const first = !this.#over;
    this.#over = true;
    const result = this.#inner('end', write);
    if (first) this.#listener?.onEnd();
    return result;
  }

  destroy(reason: Arguments): unknown {
    // A response that has closed already was not broken by its handler.
    if (!this.#over && !this.#response.destroyed) {
      this.#over = true;
      this.#listener?.onBroken();
    }
    return this.#inner('destroy', reason);
  }

  #inner(name: keyof ObservedMethods, given: Arguments): unknown {
    return Reflect.apply(this.#own[name], this.#response, given);
  }

  #beforeHead(): void {
    if (!this.#headSeen) this.#listener?.beforeHead();
  }

  #sawHead(): void {
    if (this.#headSeen) return;
    this.#headSeen = true;
    this.#listener?.onHead(this.#response.statusCode, plainHeaders(this.#response));
  }

  #sawBody([chunk, encoding]: Arguments): void {
    this.#beforeHead();
    this.#sawHead();
    if (this.#over || this.#listener === undefined) return;
    const bytes = toBuffer(chunk, encoding);
    if (bytes !== undefined && bytes.length > 0) this.#listener.onData(bytes);
  }
}
