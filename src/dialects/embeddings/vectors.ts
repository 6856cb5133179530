import { GatewayError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Vector } from '../canonical/embedding.ts';

const bytesPerFloat = 4;

/**
 * A vector as OpenAI's `encoding_format: "base64"` writes it: 32-bit floats, little-endian.
 * https://platform.openai.com/docs/api-reference/embeddings/create
 */
export function toBase64(vector: Vector): string {
  const bytes = Buffer.allocUnsafe(vector.length * bytesPerFloat);
  for (let index = 0; index < vector.length; index += 1) bytes.writeFloatLE(vector[index] ?? 0, index * bytesPerFloat);
  return bytes.toString('base64');
}

/** @throws GatewayError `upstream_invalid_response` for what cannot be 32-bit floats */
export function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % bytesPerFloat !== 0) throw noVector();
  const vector = new Float32Array(bytes.length / bytesPerFloat);
  for (let index = 0; index < vector.length; index += 1) vector[index] = bytes.readFloatLE(index * bytesPerFloat);
  if (!vector.every(Number.isFinite)) throw noVector();
  return vector;
}

/**
 * 8-bit integers, which Perplexity sends in base64: https://docs.perplexity.ai/api-reference/embeddings-post
 *
 * @throws GatewayError `upstream_invalid_response` for an empty text
 */
export function fromBase64Int8(text: string): readonly number[] {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0) throw noVector();
  return Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** @throws GatewayError `upstream_invalid_response` for anything but a list of finite numbers */
export function fromNumbers(value: JsonValue | undefined): readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(Number.isFinite)) throw noVector();
  return value;
}

/** @throws GatewayError `upstream_invalid_response` for anything but a list of vectors */
export function fromLists(value: JsonValue | undefined): readonly Vector[] {
  if (!Array.isArray(value)) throw noVector();
  return value.map(fromNumbers);
}

/** A vector as JSON numbers. */
export function toNumbers(vector: Vector): readonly number[] {
  return vector instanceof Float32Array ? Array.from(vector) : vector;
}

/** The vector of the same direction and length 1; the zero vector as it is. */
export function normalized(vector: Vector): readonly number[] {
  const numbers = toNumbers(vector);
  const length = Math.hypot(...chunkLengths(numbers));
  return length === 0 ? numbers : numbers.map((value) => value / length);
}

/** Lengths of pieces: the arguments of one call are bounded. */
function chunkLengths(numbers: readonly number[]): readonly number[] {
  const lengths: number[] = [];
  for (let start = 0; start < numbers.length; start += 1024) {
    lengths.push(Math.hypot(...numbers.slice(start, start + 1024)));
  }
  return lengths;
}

export function noVector(): GatewayError {
  return new GatewayError('upstream_invalid_response');
}
