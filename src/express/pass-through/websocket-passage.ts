import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { cancellationError } from '../../attempt/outcome.ts';
import type { Call } from '../../core/call.ts';
import type { CancelReason } from '../../core/cancellation.ts';
import type { GatewayError } from '../../core/errors.ts';
import { header } from '../../core/header-names.ts';
import { errorReply, type Reply } from '../../core/reply.ts';
import type { AttemptStatus } from '../../core/settlement.ts';
import type { UpstreamFault } from '../../dialects/canonical.ts';
import {
  credentialHeader,
  handshakeAnswer,
  handshakeHeaders,
  type PassageLimit,
  type PassagePlan,
  PassageRecord,
  PassageWatch,
  providerError,
  readProviderFault,
} from '../../pass-through/index.ts';
import { openWebSocket, type PendingWebSocket } from '../../upstream/open-websocket.ts';
import { transportFault } from '../../upstream/transport-fault.ts';
import type { Upgrade } from './upgrade-handler.ts';
import { WebSocketSession } from './websocket-session.ts';

const maxErrorBytes = 64 * 1024;

export interface WebSocketPassageInit {
  readonly call: Call;
  readonly plan: PassagePlan;
  /** The caller's side. */
  readonly upgrade: Upgrade;
  /** Milliseconds. */
  readonly idle: number;
  readonly total: number;
}

/** A WebSocket from the handshake to its end. */
export class WebSocketPassage {
  /** An error of the handshake; `taken` when the connection became a WebSocket, at its end. */
  readonly reply: Promise<Reply | 'taken'>;
  readonly #init: WebSocketPassageInit;
  readonly #resolve: (reply: Reply | 'taken') => void;
  readonly #record: PassageRecord;
  readonly #watch: PassageWatch;
  #forgetCancel: (() => void) | undefined;
  #pending: PendingWebSocket | undefined;
  #session: WebSocketSession | undefined;
  #over = false;

  constructor(init: WebSocketPassageInit) {
    const { call, plan } = init;
    const { timeouts, origin } = plan.target.instance;
    const { promise, resolve } = Promise.withResolvers<Reply | 'taken'>();
    this.#init = init;
    this.reply = promise;
    this.#resolve = resolve;
    this.#record = new PassageRecord(call, plan);
    this.#watch = new PassageWatch(call.runtime, init.total, (limit) => this.#expired(limit));
    this.#watch.connecting(timeouts.connect);
    this.#forgetCancel = call.cancellation.onCancel((reason) => this.#cancelled(reason));
    if (this.#over) return;
    const headers = {
      ...handshakeHeaders(call, plan.target.instance),
      ...credentialHeader(plan.target.instance, plan.key),
    };
    this.#pending = openWebSocket({ origin, path: plan.path, headers }, this);
    this.#watch.listen({ limit: 'first_byte', longest: timeouts.firstToken, activity: () => 0, held: () => false });
  }

  onConnected(): void {
    this.#watch.connected();
  }

  onOpen(headers: IncomingHttpHeaders, socket: Duplex, head: Buffer): void {
    const { call, plan, upgrade, idle } = this.#init;
    this.#record.answered(101);
    const answer = handshakeAnswer(headers, {
      [header.requestId]: call.id,
      [header.provider]: plan.target.instance.name,
    });
    const caller = upgrade.take();
    const session = new WebSocketSession({
      caller: caller.socket,
      provider: socket,
      handshake: answer,
      heads: { caller: caller.head, provider: head },
      onEnd: (end) => this.#ended(end),
    });
    this.#session = session;
    this.#watch.listen({ limit: 'idle', longest: idle, activity: () => session.bytes, held: () => false });
  }

  onRefused(answer: IncomingMessage): void {
    const status = answer.statusCode ?? 502;
    const chunks: Buffer[] = [];
    let size = 0;
    this.#record.answered(status);
    const done = (): void => {
      answer.destroy();
      const body = Buffer.concat(chunks);
      const fault: UpstreamFault =
        status < 400
          ? { kind: 'invalid_response', message: '', status, code: status >= 300 ? 'redirect' : 'no_upgrade' }
          : readProviderFault(this.#init.plan.target.instance, { status, headers: answer.headers, body });
      this.#fail(fault, 'upstream_error');
    };
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxErrorBytes) chunks.push(chunk);
      else done();
    });
    answer.once('end', done).once('close', done);
  }

  onFault(thrown: Error): void {
    const fault = transportFault(thrown, { sent: true, answering: false });
    this.#fail({ kind: fault.kind, message: '', code: fault.code }, 'unknown');
  }

  #expired(limit: PassageLimit): void {
    this.#session?.close(limit === 'total' ? 1001 : 1011, limit === 'idle' ? 'idle timeout' : 'session time limit');
    this.#fail({ kind: limit === 'connect' ? 'connection' : 'timeout', message: '', code: limit }, 'timeout');
  }

  #cancelled(reason: CancelReason): void {
    const gone = reason === 'client_gone';
    if (!gone) this.#session?.close(1001, 'shutting down');
    this.#stop(cancellationError(reason), { attempt: gone ? 'client_abort' : 'timeout' });
  }

  #ended(end: 'orderly' | 'caller_gone' | 'provider_gone'): void {
    if (this.#over) return;
    this.#halt();
    const attempt = end === 'orderly' ? 'ok' : end === 'caller_gone' ? 'client_abort' : 'upstream_truncated';
    this.#record.settle({
      attempt,
      call: attempt,
      httpStatus: 101,
      ...(end === 'provider_gone' && { fault: { kind: 'connection', message: '', code: 'truncated' } as const }),
    });
    this.#release();
  }

  #fail(fault: UpstreamFault, attempt: AttemptStatus): void {
    this.#stop(providerError(fault), { attempt, fault });
  }

  #stop(
    error: GatewayError,
    { attempt, fault }: { readonly attempt: AttemptStatus; readonly fault?: UpstreamFault },
  ): void {
    if (this.#over) return;
    this.#halt();
    this.#pending?.abort();
    this.#session?.destroy();
    this.#record.settle({
      attempt,
      call: attempt === 'timeout' || attempt === 'client_abort' ? attempt : callStatus(error),
      httpStatus: this.#session === undefined ? error.status : 101,
      error,
      ...(fault !== undefined && { fault }),
    });
    if (this.#session !== undefined) {
      this.#release();
      return;
    }
    const { instance } = this.#init.plan.target;
    const reply = errorReply(error, instance.provider.dialect.name);
    const own = { [header.attempts]: 1, [header.provider]: instance.name };
    this.#resolve({ ...reply, headers: { ...reply.headers, ...own } });
  }

  #halt(): void {
    this.#over = true;
    this.#watch.stop();
    this.#forgetCancel?.();
  }

  /** The response that the connection belonged to never closes: the session stands for it. */
  #release(): void {
    this.#init.call.close(true);
    this.#init.upgrade.forget();
    this.#resolve('taken');
  }
}

function callStatus({ status }: GatewayError): 'rejected' | 'upstream_error' {
  return status < 500 && status !== 429 ? 'rejected' : 'upstream_error';
}
