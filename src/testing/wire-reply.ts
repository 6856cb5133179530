/** A part of an answer as it goes over the wire in one piece. */
export interface Frame {
  readonly data: string | Uint8Array;
  /**
   * `content` carries visible output (text, reasoning, tool arguments); `opening` what precedes it, `finish` the finish
   * reason, `usage` usage alone, `done` the end marker, `other` everything else.
   */
  readonly kind: 'opening' | 'content' | 'finish' | 'usage' | 'done' | 'other';
  /** Makes a binary frame of the data; what a fault does to the text of an answer happens before. */
  readonly seal?: (data: Uint8Array) => Uint8Array;
}

/** What a vendor answers, before any fault touches it. */
export interface WireReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body:
    | { readonly kind: 'whole'; readonly data: string | Uint8Array }
    | { readonly kind: 'stream'; readonly frames: readonly Frame[] };
}

/**
 * How the socket fares after the last byte: a complete HTTP message, the socket destroyed (FIN), a TCP reset, or silence
 * until the client goes.
 */
export type Ending = 'end' | 'destroy' | 'reset' | 'hang';

/** What goes over the wire, faults and all. */
export interface Delivery {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Header lines as raw bytes, in Latin-1, which Node would refuse to send. */
  readonly rawHeaders: readonly string[];
  readonly pieces: Iterable<Piece> | AsyncIterable<Piece>;
  readonly ending: Ending;
}

export interface Piece {
  readonly bytes: Uint8Array;
  /** Whether it carries visible output. */
  readonly content: boolean;
}

export function jsonReply(status: number, headers: Readonly<Record<string, string>>, json: unknown): WireReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: { kind: 'whole', data: JSON.stringify(json) },
  };
}

/** A whole reply as it stands. */
export function plainDelivery({ status, headers, body }: WireReply): Delivery {
  const parts: readonly Pick<Frame, 'data' | 'seal'>[] = body.kind === 'whole' ? [body] : body.frames;
  const bytes = Buffer.concat(parts.map(({ data, seal }) => (seal ? seal(Buffer.from(data)) : Buffer.from(data))));
  return {
    status,
    headers: { ...headers, 'content-length': String(bytes.length) },
    rawHeaders: [],
    pieces: [{ bytes, content: false }],
    ending: 'end',
  };
}
