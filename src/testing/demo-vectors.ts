import { seededRandom } from './seeded-random.ts';

/** A vector of length 1 that follows from the text alone, of numbers that 32 bits hold exactly. */
export function demoVector(text: string, dimensions: number): readonly number[] {
  const random = seededRandom(hash(text));
  const values = Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...values);
  return values.map((value) => Math.fround(value / length));
}

/** The beginning of a longer vector, as models give it that are trained so: its length is less than 1. */
export function shortenedVector(text: string, full: number, dimensions: number | undefined): readonly number[] {
  return demoVector(text, full).slice(0, dimensions ?? full);
}

/** Tokens of a text as the fake providers count them. */
export function demoTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4));
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
