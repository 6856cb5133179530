import type { JsonValue } from '../../../core/json.ts';
import type { ImageRequest } from '../../canonical/image.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import type { ImageFormat } from '../format.ts';
import { decodeAnswer } from '../openai/response.ts';
import { inexpressible } from '../other-parameters.ts';

/** Members of Together's own that callers may send beside OpenAI's: https://docs.together.ai/reference/post-images-generations */
const ownMembers: ReadonlySet<string> = new Set([
  'steps',
  'seed',
  'negative_prompt',
  'guidance_scale',
  'image_url',
  'image_loras',
  'disable_safety_checker',
]);

/** Together's images: OpenAI's answers, and requests of its own. */
export function togetherImages(): ImageFormat {
  return { name: 'together', encode, decode: decodeAnswer };
}

function encode(request: ImageRequest, { model }: EncodeTarget): EncodedRequest {
  const { prompt, count, size, outputFormat, others = {} } = request;
  const own = Object.entries(others).filter(([name]) => ownMembers.has(name));
  const foreign = Object.entries(others).filter(([name]) => !ownMembers.has(name));
  const format = outputFormat === 'png' || outputFormat === 'jpeg' ? outputFormat : undefined;
  const body: Record<string, JsonValue | undefined> = {
    ...Object.fromEntries(own),
    model,
    prompt,
    n: count,
    ...(size !== undefined && { width: size.width, height: size.height }),
    ...(request.delivery !== undefined && { response_format: request.delivery }),
    ...(format !== undefined && { output_format: format }),
  };
  return {
    body,
    dropped: inexpressible({ ...request, others: Object.fromEntries(foreign) }, [
      'size',
      'response_format',
      ...(format === undefined ? [] : (['output_format'] as const)),
    ]),
  };
}
