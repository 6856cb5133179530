/** What a tokenizer makes of a character. */
export const characterClass = {
  space: 0,
  lineEnd: 1,
  digit: 2,
  lower: 3,
  upper: 4,
  mark: 5,
  accented: 6,
  han: 7,
  kana: 8,
  hangul: 9,
  cyrillic: 10,
  arabic: 11,
  letter: 12,
  symbol: 13,
} as const;
export type CharacterClass = (typeof characterClass)[keyof typeof characterClass];

/** Of the first 256 characters each by itself. */
const latin1: readonly CharacterClass[] = Array.from({ length: 256 }, (_, code) =>
  latin1Class(String.fromCharCode(code)),
);

function latin1Class(character: string): CharacterClass {
  if (/[\n\r]/.test(character)) return characterClass.lineEnd;
  if (/\s/.test(character)) return characterClass.space;
  if (/\d/.test(character)) return characterClass.digit;
  if (/[a-z]/.test(character)) return characterClass.lower;
  if (/[A-Z]/.test(character)) return characterClass.upper;
  if (character < '\u0080') return characterClass.mark;
  return /\p{L}/u.test(character) ? characterClass.accented : characterClass.symbol;
}

/** Where stretches of one class begin, by the blocks of Unicode. Surrogates and private characters are symbols. */
const stretches: readonly (readonly [first: number, kind: CharacterClass])[] = [
  [0x100, characterClass.accented],
  [0x250, characterClass.letter],
  [0x400, characterClass.cyrillic],
  [0x530, characterClass.letter],
  [0x600, characterClass.arabic],
  [0x700, characterClass.letter],
  [0x1100, characterClass.hangul],
  [0x1200, characterClass.letter],
  [0x1e00, characterClass.accented],
  [0x1f00, characterClass.letter],
  [0x2000, characterClass.symbol],
  [0x2c00, characterClass.letter],
  [0x2e80, characterClass.symbol],
  [0x3040, characterClass.kana],
  [0x3100, characterClass.letter],
  [0x3130, characterClass.hangul],
  [0x3190, characterClass.symbol],
  [0x3400, characterClass.han],
  [0xa000, characterClass.letter],
  [0xac00, characterClass.hangul],
  [0xd7b0, characterClass.symbol],
  [0xf900, characterClass.han],
  [0xfb00, characterClass.letter],
  [0xfb50, characterClass.arabic],
  [0xfe00, characterClass.symbol],
];

/** The classes of all others, of 16 in a row at once. */
const rows = new Uint8Array(0x1000);
for (const [first, kind] of stretches) rows.fill(kind, first >> 4);

/** The class of a UTF-16 code unit. */
export function classOf(code: number): CharacterClass {
  return (code < 0x100 ? latin1[code] : rows[code >> 4]) as CharacterClass;
}
