import { GatewayError } from '../../core/errors.ts';
import type { EmbeddingInput, EmbeddingPart, EmbeddingRequest } from '../canonical/embedding.ts';

type MediaPart = Extract<EmbeddingPart, { type: 'media' }>;

export function textInput(text: string): EmbeddingInput {
  return { parts: [{ type: 'text', text }] };
}

export function tokenInput(tokens: readonly number[]): EmbeddingInput {
  return { parts: [{ type: 'tokens', tokens }] };
}

/**
 * The text of an input for a format that knows nothing else; several texts become lines.
 *
 * @throws GatewayError `unsupported_parameter` for token ids and pictures
 */
export function textOf({ parts }: EmbeddingInput): string {
  return parts.map(textOfPart).join('\n');
}

/** @throws GatewayError `unsupported_parameter` */
export function textsOf(request: EmbeddingRequest): readonly string[] {
  return request.inputs.map(textOf);
}

/**
 * The parts of an input for a format that takes pictures as well.
 *
 * @throws GatewayError `unsupported_parameter` for token ids
 */
export function textOrMedia(part: EmbeddingPart): MediaPart | { readonly type: 'text'; readonly text: string } {
  if (part.type === 'tokens') throw unsupported('token ids');
  return part;
}

/** @throws GatewayError `unsupported_parameter` for what only a provider of the caller's own format can do */
export function refuseNativeOnly({ nativeOnly }: EmbeddingRequest): void {
  if (nativeOnly !== undefined) throw new GatewayError('unsupported_parameter', nativeOnly);
}

function textOfPart(part: EmbeddingPart): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'tokens':
      throw unsupported('token ids');
    case 'media':
      throw unsupported('pictures');
  }
}

/** Ids mean something to the tokeniser they come from alone, so they cannot be turned into text for another model. */
function unsupported(what: string): GatewayError {
  return new GatewayError('unsupported_parameter', {
    param: 'input',
    message: `The model does not take ${what} as \`input\`, only text.`,
  });
}
