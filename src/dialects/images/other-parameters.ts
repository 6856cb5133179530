import type { ImageRequest } from '../canonical/image.ts';

/** Parameters of a request by the names OpenAI callers use. */
export type ImageParameter =
  | 'size'
  | 'quality'
  | 'style'
  | 'background'
  | 'output_format'
  | 'output_compression'
  | 'response_format'
  | 'moderation'
  | 'user';

/** What the caller has given of them, as OpenAI writes it. */
export function givenParameters(request: ImageRequest): Readonly<Partial<Record<ImageParameter, string | number>>> {
  const { size, delivery } = request;
  const all = {
    size: size && `${size.width}x${size.height}`,
    quality: request.quality,
    style: request.style,
    background: request.background,
    output_format: request.outputFormat,
    output_compression: request.outputCompression,
    response_format: delivery === undefined ? undefined : delivery === 'url' ? 'url' : 'b64_json',
    moderation: request.moderation,
    user: request.user,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * Parameters that a format does not express. `auto` asks for nothing, and base64 is how pictures come wherever there is
 * no choice.
 */
export function inexpressible(request: ImageRequest, expressed: readonly ImageParameter[]): readonly string[] {
  const takes = new Set<string>(expressed);
  const missing = Object.entries(givenParameters(request)).filter(
    ([name, value]) => !takes.has(name) && value !== 'auto' && value !== 'b64_json',
  );
  return [...missing.map(([name]) => name), ...Object.keys(request.others ?? {})];
}
