import type { JsonObject } from './json.ts';

/** A request body, parsed once and kept as it was sent. */
export interface RequestBody {
  readonly json: JsonObject;
  /** The bytes as sent (decompressed); absent when the app parsed the body before us. */
  readonly bytes?: Buffer;
  /** Where each top-level member of `bytes` stands, for splicing. */
  readonly members?: readonly JsonMember[];
}

/** One `"key": value` of a JSON object's text, as byte offsets. */
export interface JsonMember {
  readonly key: string;
  /** Offset of the key's opening quote. */
  readonly start: number;
  readonly valueStart: number;
  /** Offset after the value's last byte. */
  readonly end: number;
}
