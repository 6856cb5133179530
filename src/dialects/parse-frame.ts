import type { JsonValue } from '../core/json.ts';
import { scanJson } from '../wire/scan-json.ts';

/** Deeper than any answer; far less than what breaks the serialiser. */
const maxDepth = 1000;

/** The JSON value in a frame of a stream; `undefined` for text that is none, or that nests too deeply. */
export function parseFrame(data: string): JsonValue | undefined {
  if (isNestedTooDeeply(data)) return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/**
 * `JSON.parse` takes any depth, `JSON.stringify` and everything recursive do not; so nothing deeper may come in. Texts too
 * short for it, which most frames are, are not looked at.
 */
function isNestedTooDeeply(text: string): boolean {
  return text.length > maxDepth && !scanJson(Buffer.from(text), maxDepth).depthAllowed;
}
