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

/**
 * Vectors of length 1, as the other providers' are. Google cuts vectors short without stretching them again, so that
 * dot products no longer are similarities: https://ai.google.dev/gemini-api/docs/embeddings#quality-for-smaller-dimensions
 */
export function unitLength(vectors: readonly Vector[], dimensions: number | undefined): readonly Vector[] {
  return dimensions === undefined ? vectors : vectors.map(normalized);
}

/** The vector of the same direction and length 1; the zero vector as it is. */
function normalized(vector: Vector): Vector {
  const numbers = toNumbers(vector);
  const length = Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? numbers : numbers.map((value) => value / length);
}

export function noVector(): GatewayError {
  return new GatewayError('upstream_invalid_response');
}
