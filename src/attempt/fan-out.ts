import type { Exchange, ExchangeListener, UpstreamHeaders } from '../upstream/http-client.ts';
import type { TransportFault } from '../upstream/transport-fault.ts';
import { decompressWhole } from '../wire/decompress-whole.ts';
import { readAnswerHead } from './answer-head.ts';

/** One request of several that make up an attempt. */
export interface RequestPart {
  /** Path and query. */
  readonly path: string;
  readonly body: Buffer | string;
}

export interface FanOutOptions {
  readonly parts: readonly RequestPart[];
  /** Sends one part. */
  readonly open: (part: RequestPart, listener: ExchangeListener) => Exchange;
  /** Hears of all parts as of one exchange. */
  readonly listener: ExchangeListener;
  /** Bytes of all answers together, decompressed. */
  readonly maxBytes: number;
}

/** Requests under way at the same time: enough to be quick, few enough not to look like a flood. */
const maxOpen = 8;

/**
 * Several requests that are one exchange to whoever listens. When all have succeeded, their bodies come as one JSON
 * array, in the order of the parts. The first that fails ends the others, and its answer or fault is that of the whole.
 */
export function fanOut(options: FanOutOptions): Exchange {
  const exchange = new FanOutExchange(options);
  exchange.start();
  return exchange;
}

/** `running` until all parts are there, `refused` while the answer of a refused part is passed on. */
type State = 'running' | 'refused' | 'over';

class FanOutExchange implements Exchange {
  readonly #options: FanOutOptions;
  readonly #bodies: Buffer[] = [];
  /** What is under way, by the part's place; `undefined` while it is being sent. */
  readonly #open = new Map<number, Exchange | undefined>();
  #state: State = 'running';
  #next = 0;
  #done = 0;
  #bytes = 0;
  #sent = false;

  constructor(options: FanOutOptions) {
    this.#options = options;
  }

  start(): void {
    const { parts } = this.#options;
    while (this.#state === 'running' && this.#open.size < maxOpen && this.#next < parts.length) {
      const part = parts[this.#next];
      this.#next += 1;
      if (part !== undefined) this.#send(part, this.#next - 1);
    }
  }

  get sent(): boolean {
    return this.#sent || [...this.#open.values()].some((exchange) => exchange?.sent === true);
  }

  pause(): void {
    for (const exchange of this.#open.values()) exchange?.pause();
  }

  resume(): void {
    for (const exchange of this.#open.values()) exchange?.resume();
  }

  abort(): void {
    this.#state = 'over';
    this.#abortAllBut(undefined);
  }

  #send(part: RequestPart, place: number): void {
    this.#open.set(place, undefined);
    const exchange = this.#options.open(part, this.#listenTo(place));
    if (this.#open.has(place)) this.#open.set(place, exchange);
    else exchange.abort();
  }

  #listenTo(place: number): ExchangeListener {
    const { listener } = this.#options;
    const chunks: Buffer[] = [];
    let encoding = '';
    let refused = false;
    const heard = (): boolean => this.#state === 'running' || (this.#state === 'refused' && refused);
    return {
      onHead: (status, headers) => {
        if (!heard()) return;
        refused = status < 200 || status >= 300;
        encoding = readAnswerHead(status, headers, { mediaType: '' }).encoding ?? '';
        if (refused) this.#onRefusal(place, status, headers);
      },
      onData: (chunk) => {
        if (!heard()) return;
        if (refused) listener.onData(chunk);
        else if (this.#withinLimit(chunk.length)) chunks.push(chunk);
      },
      onEnd: () => {
        if (!heard()) return;
        this.#open.delete(place);
        if (refused) listener.onEnd();
        else this.#onBody(place, Buffer.concat(chunks), encoding);
      },
      onFault: (fault) => {
        if (heard()) this.#onFault(fault);
      },
    };
  }

  #onRefusal(place: number, status: number, headers: UpstreamHeaders): void {
    this.#state = 'refused';
    this.#abortAllBut(place);
    this.#options.listener.onHead(status, headers);
  }

  #withinLimit(added: number): boolean {
    this.#bytes += added;
    if (this.#bytes <= this.#options.maxBytes) return true;
    this.#onFault(unreadableAnswer('answer_too_large'));
    return false;
  }

  #onBody(place: number, bytes: Buffer, encoding: string): void {
    const body = this.#plain(bytes, encoding);
    if (body === undefined) return;
    this.#sent = true;
    this.#bodies[place] = body;
    this.#done += 1;
    if (this.#done === this.#options.parts.length) this.#complete();
    else this.start();
  }

  /** Few bytes may inflate to many: the limit holds for what comes out, too. */
  #plain(bytes: Buffer, encoding: string): Buffer | undefined {
    try {
      const room = this.#options.maxBytes - this.#bytes + bytes.length;
      const body = decompressWhole(bytes, encoding, Math.max(1, room));
      this.#bytes += body.length - bytes.length;
      return body;
    } catch {
      this.#onFault(unreadableAnswer('bad_encoding'));
      return undefined;
    }
  }

  #complete(): void {
    this.#state = 'over';
    const { listener } = this.#options;
    const pieces = this.#bodies.flatMap((body, place) => [place === 0 ? arrayStart : comma, body]);
    listener.onHead(200, { 'content-type': 'application/json' });
    listener.onData(Buffer.concat([...pieces, arrayEnd]));
    listener.onEnd();
  }

  #onFault(fault: TransportFault): void {
    this.#sent = this.sent || fault.sent;
    this.#state = 'over';
    this.#abortAllBut(undefined);
    this.#options.listener.onFault({ ...fault, sent: this.#sent });
  }

  /** An aborted exchange is not heard of again. */
  #abortAllBut(kept: number | undefined): void {
    this.#sent = this.sent;
    for (const [place, exchange] of this.#open) {
      if (place === kept) continue;
      this.#open.delete(place);
      exchange?.abort();
    }
  }
}

const arrayStart = Buffer.from('[');
const comma = Buffer.from(',');
const arrayEnd = Buffer.from(']');

function unreadableAnswer(code: string): TransportFault {
  return { kind: 'invalid_response', code, sent: true, answering: true };
}
