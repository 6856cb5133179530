/** Words of a streamed answer; each travels in one chunk. */
export const chunksPerStream = 60;

/** Stands in the first piece of every streamed answer: its arrival is the first output. */
export const firstPiece = 'Opening';
/** Stands at the end of every answer: an answer without it was cut. */
export const lastPiece = ' end-of-answer.';

const words = [' the', ' answer', ' goes', ' on', ' with', ' another', ' word', ' and', ' then', ' some', ' more'];

/** The pieces a streamed answer arrives in, about the size of real tokens. */
export const streamPieces: readonly string[] = [
  firstPiece,
  ...Array.from({ length: chunksPerStream - 2 }, (_, index) => words[index % words.length] ?? ' word'),
  lastPiece,
];

export const streamText = streamPieces.join('');

/** Size of the prepared request bodies and of the whole answers. */
export const bodyBytes = 2048;

/** Token counts every prepared answer reports. */
export const promptTokens = 412;
export const completionTokens = 377;

/**
 * The JSON of `build(filler)` with the filler chosen so that it is exactly `bodyBytes` long.
 */
export function padded(build: (filler: string) => object): string {
  const bare = JSON.stringify(build('')).length;
  const text = words.join('').repeat(Math.ceil(bodyBytes / words.join('').length));
  return JSON.stringify(build(text.slice(0, bodyBytes - bare)));
}

/** The text of a whole answer around its filler. */
export function wholeText(filler: string): string {
  return `${firstPiece}${filler}${lastPiece}`;
}
