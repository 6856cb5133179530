import { type CharacterClass, characterClass, classOf } from './character-class.ts';

/**
 * About how many tokens a text has, counted as OpenAI's `o200k_base` counts (GPT-4o and later). The text is cut where that
 * encoding cuts it before it merges bytes, and each piece costs what pieces of its kind cost on average there. Texts of 200
 * tokens and more come out within a tenth in English, code and JSON and within a quarter in other languages; what is no
 * language (keys in base64, emoji, formulae) may be off by a third. Linear in the length whatever the text.
 * https://github.com/openai/tiktoken/blob/main/tiktoken_ext/openai_public.py
 */
export function estimateTextTokens(text: string): number {
  return new PieceCounter(text).count();
}

const { space, lineEnd, digit, lower, upper, mark, accented, han, kana, hangul, cyrillic, arabic, symbol } =
  characterClass;

/** Tokens of one character inside a longer word, by what it is written in. */
const perCharacter: Readonly<Partial<Record<CharacterClass, number>>> = {
  [han]: 0.85,
  [kana]: 0.66,
  [hangul]: 0.72,
  [cyrillic]: 0.27,
  [arabic]: 0.39,
};
const perOtherLetter = 0.4;

class PieceCounter {
  readonly #text: string;
  #at = 0;
  #tokens = 0;
  /** Latin words, those of them that are no English ones, and the characters by which words are long. */
  #words = 0;
  #foreignWords = 0;
  #excess = 0;

  constructor(text: string) {
    this.#text = text;
  }

  count(): number {
    const { length } = this.#text;
    while (this.#at < length) this.#piece();
    return Math.ceil(
      this.#tokens + this.#excess * excessRate(this.#words === 0 ? 0 : this.#foreignWords / this.#words),
    );
  }

  #class(at: number): CharacterClass {
    return classOf(this.#text.charCodeAt(at));
  }

  #piece(): void {
    const first = this.#class(this.#at);
    if (first === space || first === lineEnd) this.#whitespace();
    else if (first === digit) this.#digits();
    else if (first === mark || first === symbol) this.#marks('bare');
    else this.#word('bare');
  }

  /** Line ends are one token, the indentation behind them another; a single space belongs to what follows. */
  #whitespace(): void {
    const start = this.#at;
    let lastLineEnd = -1;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const kind = this.#class(this.#at);
      if (kind === lineEnd) lastLineEnd = this.#at;
      else if (kind !== space) break;
    }
    if (lastLineEnd >= 0) this.#tokens += 1;
    const spaces = this.#at - Math.max(start, lastLineEnd + 1);
    if (spaces === 0) return;
    if (this.#at === this.#text.length) {
      this.#tokens += 1;
      return;
    }
    if (spaces > 1) this.#tokens += 1;
    const next = this.#class(this.#at);
    if (next === digit) this.#tokens += 1;
    else if (next === mark || next === symbol) this.#marks('spaced');
    else this.#word('spaced');
  }

  #digits(): void {
    const start = this.#at;
    while (this.#at < this.#text.length && this.#class(this.#at) === digit) this.#at += 1;
    this.#tokens += Math.ceil((this.#at - start) / 3);
  }

  #marks(before: 'bare' | 'spaced'): void {
    const start = this.#at;
    let symbols = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const kind = this.#class(this.#at);
      if (kind === symbol) symbols += 1;
      else if (kind !== mark) break;
    }
    const marks = this.#at - start - symbols;
    if (before === 'bare' && this.#at - start === 1 && this.#atLetter()) {
      this.#tokens += symbols;
      this.#word(symbols === 0 ? 'marked' : 'bare');
      return;
    }
    if (marks > 0) this.#tokens += 1 + Math.max(0, Math.min(marks, 12) - 2) * 0.16 + Math.floor(marks / 64);
    this.#tokens += symbols;
    // They take the line ends behind them in.
    while (this.#at < this.#text.length && this.#class(this.#at) === lineEnd) this.#at += 1;
  }

  #atLetter(): boolean {
    if (this.#at >= this.#text.length) return false;
    const kind = this.#class(this.#at);
    return kind > digit && kind !== mark && kind !== symbol;
  }

  /** Capitals and the small letters behind them, or a run of other letters. */
  #word(before: 'bare' | 'spaced' | 'marked'): void {
    let capitals = 0;
    let small = 0;
    let accents = 0;
    let other = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const kind = this.#class(this.#at);
      if (kind === upper) {
        if (small > 0) break;
        capitals += 1;
      } else if (kind === lower) small += 1;
      else if (kind === accented) {
        small += 1;
        accents += 1;
      } else if (kind <= digit || kind === mark || kind === symbol) break;
      else other += perCharacter[kind] ?? perOtherLetter;
    }
    const latin = capitals + small;
    if (latin === 0) {
      this.#tokens += Math.max(1, other);
      return;
    }
    this.#tokens += 1 + other;
    if (capitals > 1 && small === 0) {
      this.#tokens += 0.13 * (latin - 2);
      return;
    }
    if (before === 'spaced') {
      this.#words += 1;
      if (accents > 0) this.#foreignWords += 1;
      this.#excess += Math.max(0, latin - 4.5);
    } else if (before === 'bare') {
      this.#tokens += 0.05 * Math.max(0, Math.min(latin, 8) - 3) + 0.15 * Math.max(0, latin - 8);
    } else {
      this.#tokens += 0.08 * Math.max(0, latin - 1.5);
    }
  }
}

/** What each further character of a long word costs, by the share of words that are written with more than 26 letters. */
function excessRate(foreign: number): number {
  return 0.035 + 3 * Math.min(foreign, 0.05) + Math.max(0, Math.min(foreign, 0.5) - 0.2);
}
