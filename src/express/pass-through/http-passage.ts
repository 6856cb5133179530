import type { ClientRequest, IncomingMessage } from 'node:http';
import { cancellationError } from '../../attempt/outcome.ts';
import type { Call } from '../../core/call.ts';
import type { CancelReason } from '../../core/cancellation.ts';
import { GatewayError } from '../../core/errors.ts';
import { header } from '../../core/header-names.ts';
import { errorReply, type Reply, type StreamSink } from '../../core/reply.ts';
import type { AttemptStatus } from '../../core/settlement.ts';
import type { UpstreamFault } from '../../dialects/canonical.ts';
import {
  credentialHeader,
  forwardHeaders,
  isRedirectStatus,
  type PassageLimit,
  type PassagePlan,
  PassageRecord,
  PassageWatch,
  providerError,
  readProviderFault,
  returnHeaders,
} from '../../pass-through/index.ts';
import { transportFault } from '../../upstream/transport-fault.ts';
import type { HttpRequest } from '../http-types.ts';

const maxErrorBytes = 64 * 1024;

export interface HttpPassageInit {
  readonly call: Call;
  readonly request: HttpRequest;
  readonly plan: PassagePlan;
  /** Bytes. */
  readonly maxUpload: number;
  /** Lets the proxy know that nobody waits any more. */
  readonly abandon: () => void;
}

/**
 * One request on its way through the proxy to a provider and back. The proxy moves the request's bytes; what comes back
 * is read here, so that nothing of it reaches the caller that should not.
 */
export class HttpPassage {
  readonly reply: Promise<Reply>;
  readonly #init: HttpPassageInit;
  readonly #resolve: (reply: Reply) => void;
  readonly #record: PassageRecord;
  readonly #watch: PassageWatch;
  #forgetCancel: (() => void) | undefined;
  #outgoing: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  #sink: StreamSink | undefined;
  #connected = false;
  #uploaded = 0;
  #paused = false;
  #over = false;

  constructor(init: HttpPassageInit) {
    const { call, plan } = init;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#init = init;
    this.reply = promise;
    this.#resolve = resolve;
    this.#record = new PassageRecord(call, plan);
    this.#watch = new PassageWatch(call.runtime, plan.target.instance.timeouts.total, (limit) => this.#expired(limit));
    this.#forgetCancel = call.cancellation.onCancel((reason) => this.#cancelled(reason));
  }

  get over(): boolean {
    return this.#over;
  }

  /** Request headers as the provider gets them, but for its key. */
  headers(): Record<string, string> {
    return forwardHeaders(this.#init.call, this.#init.plan.target.instance);
  }

  /** The request has a socket, which may not be connected yet. */
  onOutgoing(outgoing: ClientRequest): void {
    const { plan, request } = this.#init;
    const { instance } = plan.target;
    this.#outgoing = outgoing;
    if (this.#over) {
      outgoing.destroy();
      return;
    }
    for (const [name, value] of Object.entries(credentialHeader(instance, plan.key))) outgoing.setHeader(name, value);
    const { socket } = outgoing;
    if (socket?.connecting === true) {
      this.#watch.connecting(instance.timeouts.connect);
      socket.once(instance.origin.startsWith('https:') ? 'secureConnect' : 'connect', () => this.#onConnected());
    } else {
      this.#onConnected();
    }
    // In the same turn as the proxy pipes the request, so that no byte goes by uncounted.
    request.on('data', (chunk: Buffer) => this.#count(chunk));
    this.#watch.listen({
      limit: 'first_byte',
      longest: instance.timeouts.firstToken,
      activity: () => (socket?.bytesWritten ?? 0) + this.#uploaded,
      held: () => !request.complete && !outgoing.writableNeedDrain,
    });
  }

  onAnswer(answer: IncomingMessage): void {
    if (this.#over) return;
    const status = answer.statusCode ?? 502;
    const { instance } = this.#init.plan.target;
    this.#answer = answer;
    this.#record.answered(status);
    this.#watch.listen({
      limit: 'idle',
      longest: instance.timeouts.idle,
      activity: () => (answer.socket?.bytesRead ?? 0) + (answer.socket?.bytesWritten ?? 0),
      held: () => this.#paused,
    });
    answer.once('close', () => {
      if (!answer.complete) this.#fail({ kind: 'connection', message: '', code: 'truncated' }, 'upstream_truncated');
    });
    if (isRedirectStatus(status)) this.#fail({ kind: 'invalid_response', message: '', status, code: 'redirect' });
    else if (status >= 400) this.#readError(answer, status);
    else this.#startReply(answer, status);
  }

  /** The connection failed, or the proxy could not make the request. */
  onFault(thrown: unknown): void {
    const answering = this.#answer !== undefined;
    const fault = transportFault(thrown, { sent: this.#connected, answering });
    const status = answering ? 'upstream_truncated' : fault.sent ? 'unknown' : 'not_sent';
    this.#fail({ kind: fault.kind, message: '', code: fault.code }, status);
  }

  #onConnected(): void {
    this.#connected = true;
    this.#watch.connected();
  }

  #count(chunk: Buffer): void {
    this.#uploaded += chunk.length;
    if (this.#over || this.#uploaded <= this.#init.maxUpload) return;
    const error = new GatewayError('request_too_large');
    this.#close();
    this.#record.settle({ attempt: 'client_abort', call: 'rejected', httpStatus: error.status, error });
    this.#answerWith(error);
  }

  #startReply(answer: IncomingMessage, status: number): void {
    const headers = { ...returnHeaders(answer.headers), ...this.#ownHeaders() };
    this.#resolve({
      kind: 'stream',
      status,
      headers,
      source: {
        start: (sink) => this.#relay(answer, sink),
        resume: () => {
          this.#paused = false;
          answer.resume();
        },
      },
    });
  }

  #relay(answer: IncomingMessage, sink: StreamSink): void {
    this.#sink = sink;
    if (this.#over) {
      sink.fail('');
      return;
    }
    answer.on('data', (chunk: Buffer) => {
      if (this.#over || sink.write(chunk)) return;
      this.#paused = true;
      answer.pause();
    });
    answer.once('end', () => {
      if (this.#over || !answer.complete) return;
      this.#stop();
      sink.end();
      this.#record.settle({ attempt: 'ok', call: 'ok', httpStatus: answer.statusCode ?? 200 });
    });
  }

  #readError(answer: IncomingMessage, status: number): void {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => {
      if (this.#over) return;
      const body = Buffer.concat(chunks);
      this.#fail(readProviderFault(this.#init.plan.target.instance, { status, headers: answer.headers, body }));
    };
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxErrorBytes) chunks.push(chunk);
      else done();
    });
    answer.once('end', done);
  }

  #expired(limit: PassageLimit): void {
    this.#fail({ kind: limit === 'connect' ? 'connection' : 'timeout', message: '', code: limit }, 'timeout');
  }

  #cancelled(reason: CancelReason): void {
    if (this.#over) return;
    const error = cancellationError(reason);
    const gone = reason === 'client_gone';
    this.#close();
    this.#record.settle({
      attempt: gone ? 'client_abort' : 'timeout',
      call: gone ? 'client_abort' : 'failed',
      httpStatus: error.status,
      error,
    });
    this.#answerWith(error);
  }

  #fail(fault: UpstreamFault, attempt: AttemptStatus = 'upstream_error'): void {
    if (this.#over) return;
    const error = attempt === 'upstream_truncated' ? new GatewayError('upstream_truncated') : providerError(fault);
    this.#close();
    this.#record.settle({
      attempt,
      call: attempt === 'upstream_truncated' || attempt === 'timeout' ? attempt : callStatus(error),
      httpStatus: this.#sink === undefined ? error.status : (this.#answer?.statusCode ?? error.status),
      fault,
      error,
    });
    this.#answerWith(error);
  }

  /** As an error while nothing has been sent, else by breaking the answer off. */
  #answerWith(error: GatewayError): void {
    this.#sink?.fail('');
    const reply = errorReply(error, this.#init.plan.target.instance.provider.dialect.name);
    // What is left of the request is not read: the connection cannot be used again.
    const closing = this.#init.request.complete ? {} : { connection: 'close' };
    this.#resolve({ ...reply, headers: { ...reply.headers, ...closing, ...this.#ownHeaders() } });
  }

  #ownHeaders(): Readonly<Record<string, string | number>> {
    return { [header.attempts]: 1, [header.provider]: this.#init.plan.target.instance.name };
  }

  #stop(): void {
    this.#over = true;
    this.#watch.stop();
    this.#forgetCancel?.();
  }

  #close(): void {
    this.#stop();
    this.#outgoing?.destroy();
    this.#init.abandon();
  }
}

function callStatus({ status }: GatewayError): 'rejected' | 'upstream_error' {
  return status < 500 && status !== 429 ? 'rejected' : 'upstream_error';
}
