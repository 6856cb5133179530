import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { UpstreamFault } from '../../canonical/fault.ts';
import type { GeneratedImage, ImageRequest } from '../../canonical/image.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import { faultOfError } from '../../gemini/error.ts';
import { decodeUsage } from '../../gemini/usage.ts';
import { filtered, noPicture } from '../answer.ts';
import type { DecodedImages, ImageFormat } from '../format.ts';
import { inexpressible } from '../other-parameters.ts';
import { nearestRatio, resolutionOf } from '../size.ts';

/** Gemini models that answer with pictures, one in each answer: https://ai.google.dev/gemini-api/docs/image-generation */
export function geminiImages(): ImageFormat {
  return { name: 'gemini', encode, decode };
}

const ratios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'];
/** Models before these make pictures of one size alone, and the first ones of one ratio. */
const choosesResolution = /gemini-(?:[3-9]|\d\d)/;
const choosesRatio = /gemini-(?:2\.5|[3-9]|\d\d)/;

function encode(request: ImageRequest, { model }: EncodeTarget): EncodedRequest {
  const imageConfig = request.size === undefined ? undefined : imageConfigOf(request, model);
  const generationConfig: JsonObject = {
    // Older models refuse to leave the text out.
    responseModalities: ['TEXT', 'IMAGE'],
    ...(imageConfig !== undefined && { imageConfig }),
  };
  return {
    body: { contents: [{ role: 'user', parts: [{ text: request.prompt }] }], generationConfig },
    dropped: inexpressible(request, imageConfig === undefined ? [] : ['size']),
  };
}

function imageConfigOf({ size }: ImageRequest, model: string): JsonObject | undefined {
  if (size === undefined || !choosesRatio.test(model)) return undefined;
  const aspectRatio = nearestRatio(size, ratios);
  const imageSize = resolutionOf(size);
  if (aspectRatio === undefined || (imageSize !== '1K' && !choosesResolution.test(model))) return undefined;
  return { aspectRatio, ...(imageSize !== '1K' && { imageSize }) };
}

function decode(body: JsonValue): DecodedImages {
  if (!isJsonObject(body)) throw noPicture();
  if (body.error !== undefined) return { fault: faultOfError(body.error) };
  const candidate = asObject(asArray(body.candidates)[0]);
  const images = asArray(asObject(candidate?.content)?.parts).flatMap(decodePart);
  if (images.length === 0) return { fault: whyNone(body, candidate) };
  const usage = decodeUsage(asObject(body.usageMetadata) ?? {});
  return { answer: { images, ...(usage !== undefined && { usage }) } };
}

/** Pictures of its thinking are drafts of the one that follows. */
function decodePart(part: JsonValue): readonly GeneratedImage[] {
  const object = asObject(part);
  const inline = asObject(object?.inlineData);
  const base64 = asString(inline?.data);
  const mediaType = asString(inline?.mimeType);
  if (base64 === undefined || object?.thought === true) return [];
  return [{ source: { base64 }, ...(mediaType !== undefined && { mediaType }) }];
}

const benign: ReadonlySet<string> = new Set(['STOP', 'MAX_TOKENS', 'NO_IMAGE', 'IMAGE_OTHER', 'OTHER']);

/** A model that wrote a text instead has refused in its own words, or misunderstood; another may do better. */
function whyNone(body: JsonObject, candidate: JsonObject | undefined): UpstreamFault {
  const blocked = asString(asObject(body.promptFeedback)?.blockReason);
  const finished = asString(candidate?.finishReason);
  if (blocked !== undefined) return filtered(blocked);
  if (finished !== undefined && !benign.has(finished)) return filtered(finished);
  return { kind: 'invalid_response', message: '', code: 'no_picture' };
}
