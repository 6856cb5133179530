import type { JsonMember } from '../core/request-body.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
/** Up to here a string is walked byte by byte; a longer one is left to the native search. */
const shortString = 48;

/** What one pass over JSON text finds before it is parsed. */
export interface JsonScan {
  /** False when brackets go deeper than allowed; nothing else is known then. */
  readonly depthAllowed: boolean;
  /** The top-level members, in order. Means something only for text that `JSON.parse` accepts as an object. */
  readonly members: readonly JsonMember[];
  /**
   * Whether some string may be the name of a prototype, `__proto__` or `constructor`. Escapes can spell any name, so a
   * short string with an escaped letter counts too.
   */
  readonly suspicious: boolean;
}

/**
 * Measures nesting and finds the top-level members of an object, in one pass and without recursion. Runs before
 * `JSON.parse`, because whatever walks a deeply nested value afterwards overflows the stack. Malformed text gives a
 * meaningless result, never an exception or an endless loop.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over every byte of every request; parts of it in functions of their own would cost a call per byte.
export function scanJson(bytes: Uint8Array, maxDepth: number): JsonScan {
  const members: JsonMember[] = [];
  const length = bytes.length;
  let depth = 0;
  let keyStart = -1;
  let keyEnd = -1;
  let valueStart = -1;
  let valueEnd = -1;
  let suspicious = false;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte <= SPACE) continue;
    if (depth === 1 && keyEnd !== -1 && valueStart === -1 && byte !== COLON) valueStart = index;
    if (byte === QUOTE) {
      const end = stringEnd(bytes, index);
      suspicious ||= end - index <= longestSuspect && isSuspect(bytes, index, end);
      if (depth === 1 && keyStart === -1) {
        keyStart = index;
        keyEnd = end;
      }
      index = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) return { depthAllowed: false, members: [], suspicious };
      continue;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
    }
    const closesRoot = depth === 0 && byte === CLOSE_BRACE;
    if ((depth === 1 && byte === COMMA) || closesRoot) {
      if (keyStart !== -1 && valueStart !== -1) {
        members.push({ key: keyText(bytes, keyStart, keyEnd), start: keyStart, valueStart, end: valueEnd });
      }
      keyStart = keyEnd = valueStart = valueEnd = -1;
    } else if (depth === 1 && valueStart !== -1) {
      valueEnd = index + 1;
    }
  }
  return { depthAllowed: true, members, suspicious };
}

const PROTO_LENGTH = '"__proto__"'.length;
const CONSTRUCTOR_LENGTH = '"constructor"'.length;
/** `constructor` with every letter escaped. */
const longestSuspect = 'constructor'.length * 6 + 2;

function isSuspect(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === PROTO_LENGTH && bytes[start + 1] === 0x5f) return true;
  if (length === CONSTRUCTOR_LENGTH && bytes[start + 1] === 0x63) return true;
  // A name with an escape in it is longer than the plain one.
  if (length <= PROTO_LENGTH) return false;
  for (let index = start + 1; index < end - 1; index += 1) {
    if (bytes[index] === BACKSLASH && bytes[index + 1] === 0x75) return true;
  }
  return false;
}

/** Offset after the closing quote of the string that opens at `start`; the end of the text when it never closes. */
function stringEnd(bytes: Uint8Array, start: number): number {
  const length = bytes.length;
  let index = start + 1;
  const walkTo = Math.min(length, start + shortString);
  while (index < walkTo) {
    const byte = bytes[index];
    if (byte === QUOTE) return index + 1;
    index += byte === BACKSLASH ? 2 : 1;
  }
  let backslash = bytes.indexOf(BACKSLASH, index);
  while (index < length) {
    const quote = bytes.indexOf(QUOTE, index);
    if (quote === -1) return length;
    if (backslash === -1 || backslash > quote) return quote + 1;
    index = backslash + 2;
    backslash = bytes.indexOf(BACKSLASH, index);
  }
  return length;
}

function keyText(bytes: Uint8Array, start: number, end: number): string {
  const quoted = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
