import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { GeneratedImage, ImageRequest } from '../../canonical/image.ts';
import type { EncodedRequest } from '../../dialect.ts';
import { faultOfError } from '../../gemini/error.ts';
import { filtered, noPicture } from '../answer.ts';
import type { DecodedImages, ImageFormat } from '../format.ts';
import { inexpressible } from '../other-parameters.ts';
import { nearestRatio, resolutionOf } from '../size.ts';

/** Imagen by `:predict`, on the Gemini API and on Vertex AI: https://ai.google.dev/gemini-api/docs/imagen */
export function imagenImages(): ImageFormat {
  return { name: 'imagen', encode, decode };
}

const ratios = ['1:1', '3:4', '4:3', '9:16', '16:9'];
const fileFormats: Readonly<Record<string, string>> = { png: 'image/png', jpeg: 'image/jpeg' };

function encode(request: ImageRequest): EncodedRequest {
  const { prompt, count, outputFormat = '', outputCompression } = request;
  const size = sizeOf(request);
  const mimeType = fileFormats[outputFormat];
  const compressed = mimeType === 'image/jpeg' && outputCompression !== undefined;
  const outputOptions: JsonObject = { mimeType, ...(compressed && { compressionQuality: outputCompression }) };
  return {
    body: {
      instances: [{ prompt }],
      parameters: { sampleCount: count, ...size, ...(mimeType !== undefined && { outputOptions }) },
    },
    dropped: inexpressible(request, [
      ...(size === undefined ? [] : (['size'] as const)),
      ...(mimeType === undefined ? [] : (['output_format'] as const)),
      ...(compressed ? (['output_compression'] as const) : []),
    ]),
  };
}

function sizeOf({ size }: ImageRequest): JsonObject | undefined {
  if (size === undefined) return undefined;
  const aspectRatio = nearestRatio(size, ratios);
  const sampleImageSize = resolutionOf(size);
  if (aspectRatio === undefined || sampleImageSize === '4K') return undefined;
  return { aspectRatio, ...(sampleImageSize !== '1K' && { sampleImageSize }) };
}

/** What the filter stops is left out, or stands there with a reason in place of a picture. */
function decode(body: JsonValue): DecodedImages {
  if (!isJsonObject(body)) throw noPicture();
  if (body.error !== undefined) return { fault: faultOfError(body.error) };
  const predictions = asArray(body.predictions);
  const images = predictions.flatMap(decodePrediction);
  if (images.length > 0) return { answer: { images } };
  const [reason] = predictions.flatMap((prediction) => asString(asObject(prediction)?.raiFilteredReason) ?? []);
  return { fault: filtered(reason === undefined ? undefined : 'rai_filtered') };
}

function decodePrediction(prediction: JsonValue): readonly GeneratedImage[] {
  const object = asObject(prediction);
  const base64 = asString(object?.bytesBase64Encoded);
  const url = asString(object?.gcsUri);
  const mediaType = asString(object?.mimeType);
  const revisedPrompt = asString(object?.prompt);
  if (base64 === undefined && url === undefined) return [];
  return [
    {
      source: base64 === undefined ? { url: url ?? '' } : { base64 },
      ...(mediaType !== undefined && { mediaType }),
      ...(revisedPrompt !== undefined && { revisedPrompt }),
    },
  ];
}
