import type { EmbeddingInput, EmbeddingPart } from '../canonical/embedding.ts';

export interface BatchLimits {
  /** Inputs in one request. @default any number */
  readonly inputs?: number;
  /** Tokens of all inputs in one request, estimated. @default any number */
  readonly tokens?: number;
}

/** Inputs in as few groups as the limits allow, in their order. One that exceeds the limit by itself goes alone. */
export function splitInputs(
  inputs: readonly EmbeddingInput[],
  { inputs: most = Number.POSITIVE_INFINITY, tokens: mostTokens }: BatchLimits = {},
): readonly (readonly EmbeddingInput[])[] {
  const batches: EmbeddingInput[][] = [];
  let batch: EmbeddingInput[] = [];
  let tokens = 0;
  for (const input of inputs) {
    const size = mostTokens === undefined ? 0 : estimateTokens(input);
    const full = batch.length >= most || (mostTokens !== undefined && tokens + size > mostTokens);
    if (full && batch.length > 0) {
      batches.push(batch);
      batch = [];
      tokens = 0;
    }
    batch.push(input);
    tokens += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** More than nearly every text has: no tokeniser needs a token for each two bytes of ordinary text. */
const bytesPerToken = 2;

function estimateTokens({ parts }: EmbeddingInput): number {
  return parts.reduce((sum, part) => sum + tokensOf(part), 0);
}

function tokensOf(part: EmbeddingPart): number {
  switch (part.type) {
    case 'text':
      return Math.ceil(Buffer.byteLength(part.text) / bytesPerToken);
    case 'tokens':
      return part.tokens.length;
    case 'media':
      return 0;
  }
}
