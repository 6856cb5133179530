import { Attempt } from '../../src/attempt/attempt.ts';
import type { AttemptEnd } from '../../src/attempt/attempt-plan.ts';
import { readChatAnswer } from '../../src/attempt/chat-answer.ts';
import { Call } from '../../src/core/call.ts';
import type { StreamReply, StreamSource } from '../../src/core/reply.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import type { AttemptRecord } from '../../src/core/settlement.ts';
import type { Usage } from '../../src/core/usage.ts';
import { dialectOf } from '../../src/dialects/index.ts';
import { faultError } from '../../src/routing/fault-error.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';

export interface RelayPlan {
  /** What the caller speaks, and what the provider speaks. Where they are the same, the bytes pass through. */
  readonly inbound: PlayedDialect;
  readonly outbound: PlayedDialect;
  /** The provider's bytes as the network delivers them. */
  readonly pieces: readonly Buffer[];
  readonly contentEncoding?: string;
  /** How the connection ends after the last piece. @default 'end' */
  readonly ending?: 'end' | 'reset';
  /** Decides at each piece whether the caller is slow or the event loop turns. @default never */
  readonly random?: () => number;
}

/** What a caller got of one streamed answer, and what was recorded of it. */
export interface RelayedStream {
  readonly bytes: Buffer;
  /** `hidden`: the caller saw nothing of the attempt, so that another target may answer. */
  readonly end: 'complete' | 'broken' | 'hidden';
  readonly usage: Usage | undefined;
  /** How often the attempt was settled, and how often the caller's stream ended. Once each, whatever happens. */
  readonly settlements: number;
  readonly ends: number;
}

/** Takes one streamed answer through an attempt and its relay, without a network in between. */
export async function relayStream(plan: RelayPlan): Promise<RelayedStream> {
  const random = plan.random ?? (() => 1);
  const seen: AttemptEnd[] = [];
  const record: AttemptRecord = { id: 'attempt', number: 1, provider: 'p', model: 'm', startedAt: 0 };
  const over = Promise.withResolvers<void>();
  const attempt = new Attempt({
    call: streamCall(plan.inbound),
    record,
    inbound: dialectOf(plan.inbound),
    outbound: dialectOf(plan.outbound),
    passThrough: plan.inbound === plan.outbound,
    read: readChatAnswer,
    promptTokens: () => 9,
    reply: { model: 'm', fallbackId: 'chatcmpl-1', created: 1_750_000_000, includeUsage: true },
    limits: { firstToken: 60_000, idle: 30_000, total: 600_000 },
    toError: (fault) => faultError(fault),
    onEnd: (end) => {
      seen.push(end);
      over.resolve();
    },
  });
  const line = new Line();
  attempt.attach(line);
  const reader = new Reader(random);
  void attempt.result.then((result) => {
    if (result.kind === 'answered' && result.reply.kind === 'stream') reader.read(result.reply);
  });
  attempt.onHead(200, {
    'content-type': dialectOf(plan.outbound).stream.framing.mediaType,
    ...(plan.contentEncoding !== undefined && { 'content-encoding': plan.contentEncoding }),
  });
  for (const piece of plan.pieces) {
    await line.ready();
    if (line.aborted) break;
    attempt.onData(piece);
    if (random() < 0.2) await turn();
  }
  await line.ready();
  if (!line.aborted) {
    if (plan.ending === 'reset')
      attempt.onFault({ kind: 'connection', code: 'ECONNRESET', sent: true, answering: true });
    else attempt.onEnd();
  }
  await over.promise;
  const result = await attempt.result;
  if (result.kind === 'answered') await reader.done;
  return {
    bytes: reader.bytes(),
    end: result.kind === 'failed' ? 'hidden' : reader.broken ? 'broken' : 'complete',
    usage: record.usage,
    settlements: seen.length,
    ends: reader.ends,
  };
}

/** The connection to the provider: reads no more while it is paused. */
class Line {
  readonly sent = true;
  aborted = false;
  #gate: PromiseWithResolvers<void> | undefined;

  pause(): void {
    this.#gate ??= Promise.withResolvers();
  }

  resume(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  abort(): void {
    this.aborted = true;
    this.resume();
  }

  async ready(): Promise<void> {
    while (this.#gate !== undefined) await this.#gate.promise;
  }
}

/** A caller, who now and then cannot take more. */
class Reader {
  readonly #pieces: Uint8Array[] = [];
  broken = false;
  ends = 0;
  readonly done: Promise<void>;
  readonly #random: () => number;
  readonly #finish: () => void;

  constructor(random: () => number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#finish = resolve;
    this.#random = random;
  }

  read({ source }: StreamReply): void {
    source.start({
      write: (bytes) => {
        this.#add(bytes);
        if (this.#random() >= 0.1) return true;
        void this.#catchUp(source);
        return false;
      },
      end: () => this.#end(),
      fail: (lastFrame) => {
        this.#add(lastFrame);
        this.broken = true;
        this.#end();
      },
    });
  }

  bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #add(bytes: string | Uint8Array): void {
    this.#pieces.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  async #catchUp(source: StreamSource): Promise<void> {
    await turn();
    source.resume();
  }

  #end(): void {
    this.ends += 1;
    this.#finish();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Nothing in these runs depends on time. */
const stillRuntime: Runtime = {
  now: () => 0,
  wallTime: () => 1_750_000_000_000,
  after: () => ({ cancel() {} }),
  random: () => 0.5,
  newId: () => 'call',
};

function streamCall(dialect: PlayedDialect): Call {
  const call = new Call({
    head: { method: 'POST', path: '/', headers: {}, rawHeaders: [] },
    dialect,
    operation: 'chat',
    runtime: stillRuntime,
    readBody: () => ({ json: {} }),
  });
  call.stream = true;
  return call;
}
