import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Runtime } from '../core/runtime.ts';
import { answerCall, type PlannedReply, type ProviderState, refused } from './answer-call.ts';
import { CallLog, type LoggedCall } from './call-log.ts';
import { destroySocket } from './destroy-socket.ts';
import { FaultSyntaxError } from './faults/parse-faults.ts';
import type { WireRequest } from './personality.ts';
import { readRequest } from './read-request.ts';
import { deliver, ResponseChannel } from './response-channel.ts';

export interface ServerOptions {
  readonly runtime: Runtime;
  /** Calls the log holds. */
  readonly remember: number;
}

/** The HTTP server of a fake provider: connections, accounting, and the way from a request to the bytes of its answer. */
export class ProviderServer {
  readonly log: CallLog;
  readonly #state: ProviderState;
  readonly #runtime: Runtime;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** What `close` throws: a test that asked for something that does not exist, or a fault of our own. */
  #mistake: unknown;
  #closing: Promise<void> | undefined;

  constructor(state: ProviderState, { runtime, remember }: ServerOptions) {
    this.#state = state;
    this.#runtime = runtime;
    this.log = new CallLog(() => runtime.now(), remember);
    this.#server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, noDelay: true });
    this.#server.on('connection', (socket: Socket) => this.#socketOpened(socket));
    this.#server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** The URL it listens on. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('The fake provider has no port.');
    return `http://127.0.0.1:${address.port}`;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.#sockets].map(destroySocket));
    await closed;
    if (this.#mistake !== undefined) throw this.#mistake;
  }

  async whenIdle(timeout: number): Promise<void> {
    if (this.log.open.length === 0) return;
    await new Promise<void>((resolve, reject) => {
      const timer = this.#runtime.after(timeout, () => {
        forget();
        reject(new Error(`The fake provider is not idle after ${timeout} ms: ${this.#openCalls()}`));
      });
      const forget = this.log.onIdle(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #openCalls(): string {
    return this.log.open.map((call) => `#${call.number} ${call.method} ${call.path} (${call.model})`).join(', ');
  }

  #socketOpened(socket: Socket): void {
    this.#sockets.add(socket);
    this.log.socketOpened();
    // A client that resets its connection is a client that went; the response's own `close` tells.
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.log.socketClosed();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = this.log.callStarted(request);
    const channel = new ResponseChannel(response, call, this.#runtime);
    response.once('close', () => this.log.callEnded(call, this.#outcomeAtClose(channel)));
    const read = await readRequest(request);
    if (read === undefined) return channel.destroy('destroy');
    call.body = read.bytes;
    call.json = read.json;
    try {
      await this.#answer(read, call, channel);
    } catch (thrown) {
      // A mistake of our own must not pass for a fault that was asked for.
      this.#mistake ??= thrown;
      channel.destroy('destroy');
    }
  }

  /** Closed by nobody here means: by the client. */
  #outcomeAtClose(channel: ResponseChannel): 'answered' | 'broken' | 'aborted' {
    if (channel.isComplete) return 'answered';
    return this.#closing === undefined ? 'aborted' : 'broken';
  }

  async #answer(request: WireRequest, call: LoggedCall, channel: ResponseChannel): Promise<void> {
    const { reply, pacing } = await this.#plan(request, call);
    await channel.pause(pacing.start);
    const ending = 'silence' in reply ? reply.silence : reply.ending;
    const outcome = 'silence' in reply ? await channel.finish(ending) : await deliver(reply, channel, { pacing, call });
    if (outcome !== undefined) this.log.callEnded(call, outcome);
    if (outcome === 'broken') channel.destroy(ending);
  }

  async #plan(request: WireRequest, call: LoggedCall): Promise<PlannedReply> {
    try {
      return await answerCall(request, call, this.#state);
    } catch (thrown) {
      if (!(thrown instanceof FaultSyntaxError)) throw thrown;
      this.#mistake ??= thrown;
      const personality =
        this.#state.personalities.find(({ dialect }) => dialect === call.dialect) ?? this.#state.personalities[0];
      const refusal = { status: 400, code: 'unknown_fault', message: thrown.message };
      return refused(refusal, { personality, call, state: this.#state });
    }
  }
}
