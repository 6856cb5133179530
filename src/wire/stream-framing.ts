/** One frame of a stream: what stood in it, and its bytes. */
export interface StreamFrame {
  /** The frame's kind where the framing has one: what stood behind `event:`, an AWS frame's `:event-type`. */
  readonly event: string | undefined;
  /** The frame's text, joined by line feeds where it had several lines; `undefined` for a frame without (comments, `retry:`, stray blank lines). */
  readonly data: string | undefined;
  /** The frame's bytes as they arrived. All frames of a stream, joined, are the stream. */
  readonly raw: Uint8Array;
  /** Whether the bytes held invalid UTF-8, read as U+FFFD. */
  readonly damaged: boolean;
}

/** Cuts a byte stream into frames, wherever the network has split it. */
export interface FrameReader {
  /** @throws Error when what came can be no frame of this framing: too large, a checksum that does not fit */
  push(chunk: Uint8Array): void;
  /** The stream is over: what is held back is delivered if it is a frame. */
  end(): void;
}

/** How events become bytes and bytes become events. */
export interface StreamFraming {
  /** What an answer framed like this says it is, in lower case and without parameters. */
  readonly mediaType: string;
  /** Another media type that senders give their streams, though it says something else. */
  readonly alsoSentAs?: string;
  reader(onFrame: (frame: StreamFrame) => void): FrameReader;
  /** What must follow a stream's last frame when its sender left it open, so that a frame of ours can come after it. */
  closing?(lastFrame: Uint8Array): Uint8Array | undefined;
}

/** A frame outgrew its limit: no provider sends such, so nothing good follows. */
export class FrameTooLargeError extends Error {
  override readonly name = 'FrameTooLargeError';
}
