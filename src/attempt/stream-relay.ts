import type { StreamSink, StreamSource } from '../core/reply.ts';
import type { Usage } from '../core/usage.ts';
import type { ChatEvent, FinishReason, UpstreamFault } from '../dialects/canonical.ts';
import type { StreamDecoder } from '../dialects/dialect.ts';
import { type FrameReader, FrameTooLargeError, type StreamFrame, type StreamFraming } from '../wire/stream-framing.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { OutputMeter } from './output-meter.ts';

/** What the relay tells the attempt it belongs to. */
export interface RelayListener {
  /** The first real output is there: the answer may be shown. Called once, before any byte leaves. */
  onCommit(): void;
  /** The provider has said everything and said so. Called before the last bytes leave, so that they find it written down. */
  onComplete(): void;
  /** The provider reported a failure, or sent what cannot be read. */
  onFault(fault: UpstreamFault): void;
  onInvalidUtf8(): void;
  /** There is more output than before. */
  onOutput?(): void;
  /** The caller reads slower than the provider writes. */
  onBackpressure(): void;
  onResume(): void;
}

export interface RelayOptions {
  /** How the provider frames its stream. */
  readonly framing: StreamFraming;
  readonly decoder: StreamDecoder;
  readonly writer: FrameWriter;
  /** Counts what is delivered. */
  readonly meter: OutputMeter;
  readonly listener: RelayListener;
}

/** Before the first real output only role chunks, pings and comments come; more than this is no answer. */
const maxHeldBytes = 1024 * 1024;
/** A committed stream nobody has started to read may wait with this much. */
const maxUnreadBytes = 64 * 1024;

/**
 * One streamed answer on its way from provider to caller. Holds everything back until the first real output, so that a
 * failure before it stays invisible, and ends in exactly one way: complete, or broken with the dialect's error frame.
 */
export class StreamRelay implements StreamSource {
  readonly #decoder: StreamDecoder;
  readonly #writer: FrameWriter;
  readonly #listener: RelayListener;
  readonly #frames: FrameReader;
  readonly #events: ChatEvent[] = [];
  #sink: StreamSink | undefined;
  #unread: (Uint8Array | string)[] = [];
  #unreadBytes = 0;
  #committed = false;
  #over = false;
  #usageReports: number | undefined = 0;
  /** How the stream ended while nobody was reading yet. */
  #ending: { readonly errorFrame?: Uint8Array | string } | undefined;
  readonly meter: OutputMeter;
  usage: Usage | undefined;
  finishReason: FinishReason | undefined;

  constructor(options: RelayOptions) {
    this.#decoder = options.decoder;
    this.#writer = options.writer;
    this.#listener = options.listener;
    this.meter = options.meter;
    this.#frames = options.framing.reader((frame) => this.#frame(frame));
  }

  /** What the provider has said of usage until it broke off. */
  get usageSoFar(): Usage | undefined {
    return this.usage ?? this.#decoder.usageSoFar;
  }

  /** Whether anything may have been shown to the caller. */
  get committed(): boolean {
    return this.#committed;
  }

  /** Bytes from the provider. */
  push(chunk: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#frames.push(chunk);
    } catch (thrown) {
      this.#listener.onFault(unreadable(thrown));
    }
    this.#flush();
  }

  /** The provider closed the connection properly. True when the answer was complete. */
  end(): boolean {
    if (this.#over) return true;
    try {
      this.#frames.end();
      if (!this.#over) this.#tail();
    } catch (thrown) {
      this.#listener.onFault(unreadable(thrown));
    }
    this.#flush();
    return this.#over;
  }

  /** Ends the stream as broken. */
  fail(errorFrame: Uint8Array | string): void {
    this.#over = true;
    this.#deliver();
    if (this.#sink === undefined) this.#ending = { errorFrame };
    else this.#sink.fail(errorFrame);
  }

  /** Stops without a word: nobody listens. */
  abandon(): void {
    this.#over = true;
    this.#unread = [];
  }

  start(sink: StreamSink): void {
    this.#sink = sink;
    const unread = this.#unread;
    this.#unread = [];
    this.#unreadBytes = 0;
    let ready = true;
    for (const piece of unread) ready = sink.write(piece);
    if (this.#ending?.errorFrame !== undefined) sink.fail(this.#ending.errorFrame);
    else if (this.#ending !== undefined) sink.end();
    else if (ready) this.#listener.onResume();
    else this.#listener.onBackpressure();
  }

  resume(): void {
    if (!this.#over) this.#listener.onResume();
  }

  #frame(frame: StreamFrame): void {
    if (this.#over) return;
    if (frame.damaged) this.#listener.onInvalidUtf8();
    const events = this.#events;
    events.length = 0;
    const usageOnly = frame.data !== undefined && this.#decoder.push({ event: frame.event, data: frame.data }, events);
    const failed = events.some((event) => event.type === 'error');
    if (!failed) this.#writer.frame(frame, events, usageOnly);
    this.#observe(events);
    const { usageReports } = this.#decoder;
    if (usageReports === this.#usageReports) return;
    this.#usageReports = usageReports;
    this.meter.markCounted();
  }

  #tail(): void {
    const events: ChatEvent[] = [];
    this.#decoder.end(events);
    this.#writer.tail(events);
    this.#observe(events);
  }

  #observe(events: readonly ChatEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'usage':
          this.usage = event.usage;
          break;
        case 'finish':
          this.finishReason ??= event.reason;
          break;
        case 'error':
          this.#listener.onFault(event.fault);
          return;
        case 'done':
          this.#complete();
          return;
        default:
          if (!this.#committed && isOutput(event)) this.#commit();
          this.meter.event(event);
          this.#listener.onOutput?.();
      }
    }
  }

  #commit(): void {
    this.#committed = true;
    this.#listener.onCommit();
  }

  #complete(): void {
    // An answer without any output (an empty text, a blocked prompt) is shown once it is known to be whole.
    if (!this.#committed) this.#commit();
    this.#over = true;
    this.#listener.onComplete();
    this.#deliver();
    if (this.#sink === undefined) this.#ending = {};
    else this.#sink.end();
  }

  #flush(): void {
    if (!this.#over) this.#deliver();
  }

  #deliver(): void {
    const piece = this.#writer.take();
    if (piece === undefined) return;
    if (this.#sink !== undefined) {
      if (!this.#sink.write(piece)) this.#listener.onBackpressure();
      return;
    }
    this.#unread.push(piece);
    this.#unreadBytes += piece.length;
    if (this.#committed && this.#unreadBytes > maxUnreadBytes) this.#listener.onBackpressure();
    if (!this.#committed && this.#unreadBytes > maxHeldBytes) {
      this.#listener.onFault({ kind: 'invalid_response', message: 'The stream has no output.', code: 'no_output' });
    }
  }
}

/** A frame nobody can hold, or one that decodes to what cannot be encoded (nested beyond what the serialiser can walk). */
function unreadable(thrown: unknown): UpstreamFault {
  const code = thrown instanceof FrameTooLargeError ? 'frame_too_large' : 'unreadable_frame';
  return { kind: 'invalid_response', message: '', code };
}

/** The first text, reasoning, refusal or tool call: from here on failover would be visible. */
function isOutput(event: ChatEvent): boolean {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
    case 'refusal-delta':
      return event.text !== '';
    case 'tool-call-start':
    case 'reasoning-redacted':
    case 'extension-part':
      return true;
    default:
      return false;
  }
}
