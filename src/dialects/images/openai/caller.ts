import type { JsonObject } from '../../../core/json.ts';
import type { GeneratedImage, ImageAnswer, ImageRequest, ImageSize } from '../../canonical/image.ts';
import { invalid, oneOf, positiveInteger, remainingMembers, textMember } from '../../request-members.ts';
import type { ImageCaller, ImageReply } from '../format.ts';

/** `POST /images/generations`: https://platform.openai.com/docs/api-reference/images/create */
export const openaiImageCaller: ImageCaller = { format: 'openai', decode, encode };

const known: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'n',
  'size',
  'quality',
  'style',
  'background',
  'output_format',
  'output_compression',
  'response_format',
  'moderation',
  'user',
  // What a stream is asked for with; it goes through as it is, or not at all.
  'stream',
  'partial_images',
]);

const maxCount = 10;

function decode(body: JsonObject): ImageRequest {
  const prompt = textMember(body, 'prompt');
  if (prompt === undefined || prompt === '') throw invalid('prompt', 'must be a text, and not empty.');
  const count = positiveInteger(body, 'n') ?? 1;
  if (count > maxCount) throw invalid('n', `must not be more than ${maxCount}.`);
  const delivery = oneOf(body, 'response_format', ['url', 'b64_json'] as const);
  const outputCompression = compressionOf(body);
  const others = remainingMembers(body, known);
  const words = {
    quality: textMember(body, 'quality'),
    style: textMember(body, 'style'),
    background: textMember(body, 'background'),
    outputFormat: textMember(body, 'output_format'),
    moderation: textMember(body, 'moderation'),
    user: textMember(body, 'user'),
  };
  return {
    prompt,
    count,
    ...sizeOf(body),
    ...Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined)),
    ...(outputCompression !== undefined && { outputCompression }),
    ...(delivery !== undefined && { delivery: delivery === 'url' ? 'url' : 'base64' }),
    ...(others !== undefined && { others }),
  };
}

function sizeOf(body: JsonObject): { readonly size?: ImageSize } {
  const text = textMember(body, 'size');
  if (text === undefined || text === 'auto') return {};
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(text) ?? [];
  if (width === undefined || height === undefined) throw invalid('size', 'is written as "1024x1024", or "auto".');
  return { size: { width: Number(width), height: Number(height) } };
}

function compressionOf({ output_compression: percent }: JsonObject): number | undefined {
  if (percent === undefined || percent === null) return undefined;
  if (typeof percent === 'number' && percent >= 0 && percent <= 100) return percent;
  throw invalid('output_compression', 'must be a number from 0 to 100.');
}

function encode({ images, usage, created, traits, usageDetails }: ImageAnswer, reply: ImageReply): JsonObject {
  const [first] = images;
  const format = first?.mediaType?.replace(/^image\//, '');
  return {
    created: created ?? reply.created,
    data: images.map(encodeImage),
    ...(format !== undefined && { output_format: format }),
    ...traits,
    ...(usage !== undefined && {
      usage: {
        input_tokens: usage.inputTokens,
        output_tokens: usage.outputTokens,
        total_tokens: usage.inputTokens + usage.outputTokens,
        input_tokens_details: { text_tokens: usage.inputTokens, image_tokens: 0 },
        ...usageDetails,
      },
    }),
  };
}

function encodeImage({ source, revisedPrompt }: GeneratedImage): JsonObject {
  return {
    ...('url' in source ? { url: source.url } : { b64_json: source.base64 }),
    ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
  };
}
