import type { JsonValue } from '../core/json.ts';
import type { Outcome } from '../core/settlement.ts';
import type { Usage } from '../core/usage.ts';
import type { ChatEvent, FinishReason } from '../dialects/canonical.ts';
import type { Dialect, StreamDecoder } from '../dialects/dialect.ts';
import { SseDecoder } from '../wire/sse-decoder.ts';

/** A whole answer larger than this is not looked into. */
const maxObservedBytes = 4 * 1024 * 1024;

/**
 * Reads along while the app's own handler answers in the caller's dialect: what it used, how it finished. It can not
 * change or delay anything, and whatever it does not understand it leaves out.
 */
export class AnswerObserver {
  readonly #dialect: Dialect;
  #status = 0;
  #chunks: Buffer[] | undefined;
  #bytes = 0;
  #frames: SseDecoder | undefined;
  #usage: Usage | undefined;
  #finishReason: FinishReason | undefined;
  #complete = true;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  onHead(status: number, contentType: string): void {
    this.#status = status;
    if (status !== 200) return;
    if (contentType.startsWith('text/event-stream')) this.#frames = this.#follow(this.#dialect.stream.decoder());
    else if (contentType.includes('json')) this.#chunks = [];
  }

  onData(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > maxObservedBytes) this.#chunks = undefined;
    this.#chunks?.push(chunk);
    try {
      this.#frames?.push(chunk);
    } catch {
      this.#frames = undefined;
    }
  }

  onEnd(): void {
    this.#frames?.end();
    if (this.#chunks !== undefined) this.#readWhole(Buffer.concat(this.#chunks));
  }

  /** What the handler's answer says of the call. */
  outcome(): Outcome {
    const truncated = this.#frames !== undefined && !this.#complete;
    const failed = this.#status >= 500;
    return {
      status: truncated ? 'upstream_truncated' : failed ? 'upstream_error' : this.#status >= 400 ? 'rejected' : 'ok',
      httpStatus: this.#status,
      usageSource: this.#usage === undefined ? 'none' : 'provider',
      ...(this.#usage !== undefined && { usage: this.#usage }),
      ...(this.#finishReason !== undefined && { finishReason: this.#finishReason }),
    };
  }

  #follow(decoder: StreamDecoder): SseDecoder {
    this.#complete = false;
    const events: ChatEvent[] = [];
    return new SseDecoder((frame) => {
      if (frame.data === undefined) return;
      events.length = 0;
      decoder.push({ event: frame.event, data: frame.data }, events);
      for (const event of events) {
        if (event.type === 'usage') this.#usage = event.usage;
        else if (event.type === 'finish') this.#finishReason = event.reason;
        else if (event.type === 'done') this.#complete = true;
      }
    });
  }

  #readWhole(bytes: Buffer): void {
    try {
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
