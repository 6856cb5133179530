import type { JsonObject } from './json.ts';

/** Bytes, after decompression. Images travel inside the body; providers themselves take 20 to 32 MB. */
export const defaultBodyLimit = 32 * 1024 * 1024;

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
