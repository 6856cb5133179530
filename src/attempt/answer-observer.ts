import type { JsonValue } from '../core/json.ts';
import type { CallStatus, Outcome } from '../core/settlement.ts';
import type { Usage } from '../core/usage.ts';
import type { ChatEvent, FinishReason } from '../dialects/canonical.ts';
import type { Dialect, HeaderReader, StreamDecoder } from '../dialects/dialect.ts';
import { decompressWhole } from '../wire/decompress-whole.ts';
import type { FrameReader } from '../wire/stream-framing.ts';
import { answeredStatus } from './outcome.ts';

/** A whole answer larger than this, compressed or not, is not looked into. */
const maxObservedBytes = 4 * 1024 * 1024;

/**
 * Reads along while the app's own handler answers in the caller's dialect: what it used, how it finished. It can not
 * change or delay anything, and whatever it does not understand it leaves out.
 */
export class AnswerObserver {
  readonly #dialect: Dialect;
  #status = 0;
  #encoding = 'identity';
  #chunks: Buffer[] | undefined;
  #bytes = 0;
  #stream: ObservedStream | undefined;
  #ended = false;
  #broken = false;
  #failed = false;
  #usage: Usage | undefined;
  #finishReason: FinishReason | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  onHead(status: number, header: HeaderReader): void {
    this.#status = status;
    this.#encoding = header('content-encoding')?.trim().toLowerCase() ?? 'identity';
    if (status !== 200) return;
    const contentType = header('content-type')?.toLowerCase() ?? '';
    if (!contentType.startsWith(this.#dialect.stream.framing.mediaType)) {
      if (contentType.includes('json')) this.#chunks = [];
    } else if (this.#encoding === 'identity' || this.#encoding === '') {
      this.#stream = new ObservedStream(this.#dialect, (event) => this.#event(event));
    }
  }

  onData(chunk: Buffer): void {
    this.#stream?.push(chunk);
    if (this.#chunks === undefined) return;
    this.#bytes += chunk.length;
    // A copy: the handler may go on to use its buffer for something else.
    if (this.#bytes <= maxObservedBytes) this.#chunks.push(Buffer.from(chunk));
    else this.#chunks = undefined;
  }

  /** The handler has ended its answer. */
  onEnd(): void {
    this.#ended = true;
    this.#stream?.end();
    if (this.#chunks !== undefined) this.#readWhole(Buffer.concat(this.#chunks));
  }

  /** The handler has broken its answer off. */
  onBroken(): void {
    this.#broken = true;
  }

  /** What the handler's answer says of the call. */
  outcome(): Outcome {
    return {
      status: this.#callStatus(),
      // Gone before there was an answer.
      httpStatus: this.#status === 0 ? 499 : this.#status,
      usageSource: this.#usage === undefined ? 'none' : 'provider',
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#finishReason !== undefined && { finishReason: this.#finishReason }),
    };
  }

  #callStatus(): CallStatus {
    if (this.#failed) return 'upstream_error';
    // Neither ended nor broken off by the handler: the caller went, which the call itself knows.
    const truncated = this.#ended && this.#stream?.truncated === true;
    return this.#broken || truncated ? 'upstream_truncated' : answeredStatus(this.#status);
  }

  #event(event: ChatEvent): void {
    if (event.type === 'usage') this.#usage = event.usage;
    else if (event.type === 'finish') this.#finishReason ??= event.reason;
    else if (event.type === 'error') this.#failed = true;
  }

  #readWhole(sent: Buffer): void {
    try {
      const bytes = decompressWhole(sent, this.#encoding, maxObservedBytes);
      const body: JsonValue = JSON.parse(bytes.toString('utf8'));
      const decoded = this.#dialect.response.decode(body);
      if (!('answer' in decoded)) return;
      this.#usage = decoded.answer.usage;
      this.#finishReason = decoded.answer.choices[0]?.finishReason;
    } catch {
      // Not an answer of this dialect; the app may send what it likes.
    }
  }
}

/** A stream that somebody else sends. */
class ObservedStream {
  readonly #decoder: StreamDecoder;
  readonly #frames: FrameReader;
  readonly #onEvent: (event: ChatEvent) => void;
  #complete = false;
  /** Something stood in it that cannot be read: nothing more is known of it. */
  #unknown = false;

  constructor({ stream }: Dialect, onEvent: (event: ChatEvent) => void) {
    this.#decoder = stream.decoder();
    this.#onEvent = onEvent;
    this.#frames = stream.framing.reader((frame) => {
      if (frame.data === undefined) return;
      const events: ChatEvent[] = [];
      this.#decoder.push({ event: frame.event, data: frame.data }, events);
      this.#read(events);
    });
  }

  /** Whether it lacks its end marker, as far as anybody can tell. */
  get truncated(): boolean {
    return !this.#complete && !this.#unknown;
  }

  push(chunk: Buffer): void {
    this.#guard(() => this.#frames.push(chunk));
  }

  end(): void {
    this.#guard(() => {
      this.#frames.end();
      const events: ChatEvent[] = [];
      this.#decoder.end(events);
      this.#read(events);
    });
  }

  #guard(step: () => void): void {
    if (this.#unknown) return;
    try {
      step();
    } catch {
      this.#unknown = true;
    }
  }

  #read(events: readonly ChatEvent[]): void {
    for (const event of events) {
      if (event.type === 'done') this.#complete = true;
      this.#onEvent(event);
    }
  }
}
