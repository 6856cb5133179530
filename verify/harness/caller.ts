import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface CallerAnswer {
  /** 0 when the connection failed before an answer came. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as far as it came. */
  readonly text: string;
  /** The connection ended before the answer was complete. */
  readonly broken: boolean;
}

export interface AskOptions {
  /** Gives up when it fires. */
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of the gateway that keeps its connections, as the vendors' SDKs do. */
export class Caller {
  readonly #url: URL;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#url = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Posts a chat request and reads the answer to its end, however it ends. Never rejects. A text is sent as it is. */
  ask(body: object | string, { signal, headers = {} }: AskOptions = {}): Promise<CallerAnswer> {
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    return new Promise((resolve) => {
      const sent = request(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: { 'content-type': 'application/json', 'content-length': bytes.length, ...headers },
        ...(signal !== undefined && { signal }),
      });
      sent.on('error', () => resolve({ status: 0, headers: {}, text: '', broken: true }));
      sent.on('response', (response) => read(response, resolve));
      sent.end(bytes);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function read(response: IncomingMessage, resolve: (answer: CallerAnswer) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', () => {});
  response.once('close', () =>
    resolve({
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: Buffer.concat(chunks).toString('utf8'),
      broken: !response.complete,
    }),
  );
}
