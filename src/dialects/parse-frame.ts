import type { JsonValue } from '../core/json.ts';

/** Deeper than any answer; far less than what breaks the serialiser. */
const maxDepth = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The JSON value in a frame of a stream; `undefined` for text that is none, or that nests too deeply. */
export function parseFrame(data: string): JsonValue | undefined {
  if (isNestedBeyond(data)) return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/**
 * Whether a JSON text nests deeper than `maxDepth`. `JSON.parse` takes any depth, `JSON.stringify` and everything recursive
 * do not; so nothing deeper may come in. Texts too short for it are not looked at.
 */
function isNestedBeyond(text: string): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}
