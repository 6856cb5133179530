import { isUtf8 } from 'node:buffer';
import {
  type EventStreamMessage,
  type HeaderValue,
  messageLength,
  preludeLength,
  readMessage,
  writeMessage,
} from './aws-event-stream.ts';
import { type FrameReader, FrameTooLargeError, type StreamFrame, type StreamFraming } from './stream-framing.ts';

/**
 * The binary frames in which AWS streams. A frame's event is its `:event-type`; that of a failure is
 * `exception:<:exception-type>` or `error:<:error-code>`. https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export const awsEventStream: StreamFraming = {
  mediaType: 'application/vnd.amazon.eventstream',
  reader: (onFrame) => new EventStreamReader(onFrame),
};

const defaultMaxFrameBytes = 1024 * 1024;

/** Cuts a byte stream into event stream messages and checks the two checksums of each. */
export class EventStreamReader implements FrameReader {
  readonly #onFrame: (frame: StreamFrame) => void;
  readonly #maxFrameBytes: number;
  /** Bytes of the message that is not complete yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** How many bytes the message under way has, as soon as its prelude is there. */
  #wanted: number | undefined;

  constructor(onFrame: (frame: StreamFrame) => void, maxFrameBytes = defaultMaxFrameBytes) {
    this.#onFrame = onFrame;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * @throws FrameTooLargeError
   * @throws EventStreamError when the bytes are no messages
   */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      const missing = (this.#wanted ?? preludeLength) - this.#heldBytes;
      if (rest.length < missing) {
        this.#hold(rest);
        return;
      }
      if (this.#wanted === undefined) {
        this.#wanted = this.#announced(rest, missing);
        continue;
      }
      const raw = this.#join(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      this.#onFrame(frameOf(readMessage(raw), raw));
    }
  }

  /** The stream is over. Half a message is none. */
  end(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#wanted = undefined;
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  /** The length in a prelude whose last bytes stand at the start of `rest`. */
  #announced(rest: Uint8Array, missing: number): number {
    const prelude = this.#heldBytes === 0 ? rest : Buffer.concat([...this.#held, rest.subarray(0, missing)]);
    const length = messageLength(prelude);
    if (length > this.#maxFrameBytes) {
      throw new FrameTooLargeError(`A frame of the stream is larger than ${this.#maxFrameBytes} bytes.`);
    }
    return length;
  }

  #join(tail: Uint8Array): Uint8Array {
    const raw = this.#heldBytes === 0 ? tail : Buffer.concat([...this.#held, tail]);
    this.end();
    return raw;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function frameOf({ headers, payload }: EventStreamMessage, raw: Uint8Array): StreamFrame {
  const text = utf8.decode(payload);
  const damaged = text.includes('\ufffd') && !isUtf8(payload);
  return { event: eventOf(headers), data: text === '' ? errorText(headers) : text, raw, damaged };
}

function eventOf(headers: EventStreamMessage['headers']): string | undefined {
  switch (text(headers.get(':message-type'))) {
    case 'exception':
      return `exception:${text(headers.get(':exception-type')) ?? ''}`;
    case 'error':
      return `error:${text(headers.get(':error-code')) ?? ''}`;
    default:
      return text(headers.get(':event-type'));
  }
}

/** An error has its text in a header; here it reads as if it stood in the payload, where an exception has it. */
function errorText(headers: EventStreamMessage['headers']): string {
  const message = text(headers.get(':error-message'));
  return message === undefined ? '' : JSON.stringify({ message });
}

function text(header: HeaderValue | undefined): string | undefined {
  return header?.type === 'string' ? header.value : undefined;
}

/** An event with a JSON text as its payload. */
export function eventFrame(eventType: string, payload: string | Uint8Array): Uint8Array {
  return jsonFrame([':event-type', eventType], 'event', payload);
}

/** A failure its reader has a class for, with a JSON text as its payload. */
export function exceptionFrame(exceptionType: string, payload: string | Uint8Array): Uint8Array {
  return jsonFrame([':exception-type', exceptionType], 'exception', payload);
}

function jsonFrame(
  [name, type]: readonly [name: string, type: string],
  messageType: 'event' | 'exception',
  payload: string | Uint8Array,
): Uint8Array {
  const headers = new Map<string, HeaderValue>([
    [name, { type: 'string', value: type }],
    [':content-type', { type: 'string', value: 'application/json' }],
    [':message-type', { type: 'string', value: messageType }],
  ]);
  return writeMessage({ headers, payload: typeof payload === 'string' ? Buffer.from(payload) : payload });
}
