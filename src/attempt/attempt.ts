import type { CancelReason } from '../core/cancellation.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Timer } from '../core/runtime.ts';
import type { AttemptStatus } from '../core/settlement.ts';
import type { Usage } from '../core/usage.ts';
import type { FinishReason, UpstreamFault } from '../dialects/canonical.ts';
import type { AttemptProgress } from '../routing/fault-policy.ts';
import type { Exchange, ExchangeListener, UpstreamHeaders } from '../upstream/http-client.ts';
import type { TransportFault } from '../upstream/transport-fault.ts';
import { type AnswerHead, readAnswerHead } from './answer-head.ts';
import { type AnswerStream, answerStream } from './answer-stream.ts';
import { type AttemptPlan, type AttemptResult, maxAnswerBytes } from './attempt-plan.ts';
import { endRecord } from './attempt-record.ts';
import { attemptUsage } from './attempt-usage.ts';
import { type DecompressedBody, decompressedBody } from './decompressed-body.ts';
import { maskKeys } from './mask-keys.ts';
import type { OutputMeter } from './output-meter.ts';
import { shownError } from './shown-error.ts';
import { unreadable } from './unreadable.ts';
import { Watchdog } from './watchdog.ts';
import { readWholeAnswer } from './whole-answer.ts';

const maxErrorBytes = 64 * 1024;
/** How long a finished stream's connection may linger before it is closed instead of reused. */
const lingerMilliseconds = 1_000;

type Mode = 'waiting' | 'stream' | 'whole' | 'error' | 'over';

/**
 * One try at one target, from the first byte sent to the last one received. It listens to an exchange, whoever drives
 * that (our own client, or the app's proxy), reads the answer in the provider's dialect and settles its record exactly
 * once, however it ends.
 */
export class Attempt implements ExchangeListener {
  readonly result: Promise<AttemptResult>;
  readonly #plan: AttemptPlan;
  readonly #resolve: (result: AttemptResult) => void;
  readonly #watchdog: Watchdog;
  #forgetCancel: (() => void) | undefined;
  #exchange: Exchange | undefined;
  #mode: Mode = 'waiting';
  #head: AnswerHead | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #body: DecompressedBody | undefined;
  #stream: AnswerStream | undefined;
  #upstreamEnded = false;
  #lingering: Timer | undefined;

  constructor(plan: AttemptPlan) {
    const { promise, resolve } = Promise.withResolvers<AttemptResult>();
    this.#plan = plan;
    this.result = promise;
    this.#resolve = resolve;
    this.#watchdog = new Watchdog(plan.call.runtime, plan.limits, (expiry) =>
      this.#fail({ kind: 'timeout', message: '', code: expiry }, 'timeout'),
    );
    this.#forgetCancel = plan.call.cancellation.onCancel((reason) => this.#cancelled(reason));
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.#mode === 'over';
  }

  /** Ends the attempt before anything was sent. */
  abandon(fault: UpstreamFault): void {
    this.#fail(fault, 'not_sent');
  }

  /** Ties the attempt to what it listens to. Called once, right after the exchange began. */
  attach(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.#mode === 'over') exchange.abort();
  }

  onHead(status: number, headers: UpstreamHeaders): void {
    if (this.#mode === 'over') return;
    const head = readAnswerHead(status, headers, this.#plan.outbound.stream.framing);
    this.#head = head;
    this.#plan.record.httpStatus = status;
    this.#watchdog.activity();
    if (status >= 300 && status < 400) {
      this.#fail({ ...unreadable('redirect'), status });
      return;
    }
    if (head.encoding !== undefined && !this.#decompress(head.encoding)) return;
    if (status >= 400) this.#mode = 'error';
    else if (this.#plan.call.stream && head.isStream) this.#startRelay();
    else this.#mode = 'whole';
  }

  onData(chunk: Buffer): void {
    if (this.#mode === 'over') return;
    this.#watchdog.activity();
    if (this.#body === undefined) this.#data(chunk);
    else this.#body.push(chunk);
  }

  onEnd(): void {
    this.#upstreamEnded = true;
    this.#lingering?.cancel();
    if (this.#mode === 'over') return;
    if (this.#body === undefined) this.#end();
    else this.#body.end();
  }

  onFault(fault: TransportFault): void {
    this.#upstreamEnded = true;
    this.#lingering?.cancel();
    if (this.#mode === 'over') return;
    const truncated = fault.answering && this.#mode !== 'error';
    this.#fail(
      { kind: fault.kind, message: '', code: fault.code },
      truncated ? 'upstream_truncated' : fault.sent ? 'unknown' : 'not_sent',
    );
  }

  #data(chunk: Buffer): void {
    if (this.#mode === 'stream') {
      this.#stream?.relay.push(chunk);
      return;
    }
    if (this.#mode === 'over') return;
    this.#bytes += chunk.length;
    if (this.#mode === 'error') {
      if (this.#bytes - chunk.length < maxErrorBytes) this.#chunks.push(chunk);
      else this.#end();
    } else if (this.#bytes > (this.#plan.maxAnswerBytes ?? maxAnswerBytes)) {
      this.#fail(unreadable('answer_too_large'));
    } else {
      this.#chunks.push(chunk);
    }
  }

  #end(): void {
    switch (this.#mode) {
      case 'stream':
        if (this.#stream?.relay.end() === false && this.#stillStreaming()) {
          this.#fail(unreadable('truncated'), 'upstream_truncated');
        }
        return;
      case 'error':
        this.#refused();
        return;
      case 'whole':
        this.#whole(this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks));
        return;
      default:
        return;
    }
  }

  /** The relay may have ended the attempt while it read its last bytes. */
  #stillStreaming(): boolean {
    return this.#mode === 'stream';
  }

  #refused(): void {
    if (this.#head === undefined) return;
    const { status, header } = this.#head;
    this.#fail(this.#plan.outbound.error.decode(status, header, Buffer.concat(this.#chunks)));
  }

  /** False when nobody can read the encoding. */
  #decompress(encoding: string): boolean {
    this.#body = decompressedBody(encoding, {
      onData: (chunk) => this.#data(chunk),
      onEnd: () => this.#end(),
      onDamaged: () => this.#fail(unreadable('bad_encoding'), 'upstream_truncated'),
      onBusy: () => this.#exchange?.pause(),
      onReady: () => this.#exchange?.resume(),
    });
    if (this.#body !== undefined) return true;
    this.#fail(unreadable('unknown_encoding'));
    return false;
  }

  #startRelay(): void {
    this.#mode = 'stream';
    this.#stream = answerStream(this.#plan, {
      onCommit: () => this.#commit(),
      onComplete: () => this.#settle({ status: 'ok' }),
      onFault: (fault) => this.#fail(fault),
      onInvalidUtf8: () => this.#plan.onInvalidUtf8?.(),
      onExceeded: () => this.#fail({ kind: 'invalid_request', message: '', code: 'budget_exceeded' }, 'stopped'),
      onBackpressure: () => {
        if (this.#mode === 'over') return;
        this.#exchange?.pause();
        this.#body?.pause();
        this.#watchdog.pause();
      },
      onResume: () => {
        this.#exchange?.resume();
        this.#body?.resume();
        this.#watchdog.resume();
      },
    });
  }

  #commit(): void {
    this.#plan.record.firstOutputAt = this.#plan.call.runtime.now();
    this.#watchdog.firstOutput();
    if (this.#stream !== undefined) this.#resolve({ kind: 'answered', reply: this.#stream.reply() });
  }

  #whole(bytes: Buffer): void {
    const answer = readWholeAnswer(bytes, this.#plan);
    if ('fault' in answer) {
      this.#fail(answer.fault);
      return;
    }
    this.#plan.record.firstOutputAt = this.#plan.call.runtime.now();
    this.#resolve({ kind: 'answered', reply: answer.reply });
    this.#settle({ status: 'ok', usage: answer.usage, meter: answer.meter, finishReason: answer.finishReason });
  }

  #cancelled(reason: CancelReason): void {
    if (this.#mode === 'over') return;
    if (reason === 'shutting_down') {
      this.#fail({ kind: 'timeout', message: '', code: 'shutting_down' }, 'timeout');
      return;
    }
    const progress = this.#progress();
    // What was never sent is never billed; the call itself then says that its caller went.
    const status = progress === 'unsent' ? 'not_sent' : 'client_abort';
    this.#stream?.relay.abandon();
    this.#close();
    this.#settle({ status });
    this.#resolve({ kind: 'failed', end: { status, progress } });
  }

  #fail(told: UpstreamFault, status: AttemptStatus = 'upstream_error'): void {
    if (this.#mode === 'over') return;
    const fault = maskKeys(told, this.#plan.secrets?.() ?? []);
    const progress = this.#progress();
    this.#close();
    if (progress === 'committed') {
      const shown = shownError(fault, status, this.#plan);
      this.#settle({ status, fault, shown });
      this.#stream?.fail(shown);
      return;
    }
    this.#stream?.relay.abandon();
    this.#settle({ status, fault });
    this.#resolve({ kind: 'failed', end: { status, fault, progress } });
  }

  #progress(): AttemptProgress {
    if (this.#stream?.relay.committed === true) return 'committed';
    if (this.#head !== undefined) return 'answered';
    return this.#exchange?.sent === true ? 'sent' : 'unsent';
  }

  /** Nothing more is wanted from the provider. */
  #close(): void {
    this.#watchdog.stop();
    this.#body?.destroy();
    this.#exchange?.abort();
  }

  #settle(end: {
    readonly status: AttemptStatus;
    readonly fault?: UpstreamFault;
    readonly shown?: GatewayError;
    readonly usage?: Usage | undefined;
    readonly meter?: OutputMeter | undefined;
    readonly finishReason?: FinishReason | undefined;
  }): void {
    this.#forgetCancel?.();
    this.#mode = 'over';
    this.#watchdog.stop();
    if (end.status === 'ok' && !this.#upstreamEnded) this.#linger();
    const { record, call, promptTokens } = this.#plan;
    const relay = this.#stream?.relay;
    // An answer that broke off is accounted with what was counted of it, and what came after that.
    const reported = end.usage ?? (end.status === 'ok' ? relay?.usage : undefined);
    const meter = end.meter ?? relay?.meter;
    const used = attemptUsage({ status: end.status, reported, soFar: relay?.usageSoFar, meter, promptTokens });
    endRecord(record, { status: end.status, at: call.runtime.now(), ...used, fault: end.fault?.kind });
    this.#plan.onEnd({
      status: end.status,
      progress: this.#progress(),
      fault: end.fault,
      shown: end.shown,
      finishReason: end.finishReason ?? relay?.finishReason,
    });
  }

  /** The answer is whole, but the provider has not closed its side: a short while to do so keeps the connection usable. */
  #linger(): void {
    this.#exchange?.resume();
    this.#lingering = this.#plan.call.runtime.after(lingerMilliseconds, () => this.#exchange?.abort());
  }
}
