import { asNumber, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount, type Usage } from '../../../core/usage.ts';
import type { GeneratedImage, ImageAnswer } from '../../canonical/image.ts';
import { decodeInBandError } from '../../openai-chat/error.ts';
import { noPicture } from '../answer.ts';
import type { DecodedImages } from '../format.ts';

/** @throws GatewayError `upstream_invalid_response` */
export function decodeAnswer(body: JsonValue): DecodedImages {
  if (!isJsonObject(body)) throw noPicture();
  const fault = decodeInBandError(body);
  if (fault !== undefined) return { fault };
  if (!Array.isArray(body.data) || body.data.length === 0) throw noPicture();
  const images = body.data.map(decodeImage);
  return { answer: { images, ...decodeRest(body) } };
}

function decodeImage(entry: JsonValue): GeneratedImage {
  const object = asObject(entry);
  const base64 = asString(object?.b64_json);
  const url = asString(object?.url);
  const revisedPrompt = asString(object?.revised_prompt);
  // xAI says which kind of file it is.
  const mediaType = asString(object?.mime_type);
  if (base64 === undefined && url === undefined) throw noPicture();
  return {
    source: base64 === undefined ? { url: url ?? '' } : { base64 },
    ...(mediaType !== undefined && { mediaType }),
    ...(revisedPrompt !== undefined && { revisedPrompt }),
  };
}

const traitNames = ['background', 'output_format', 'quality', 'size'] as const;

function decodeRest(body: JsonObject): Omit<ImageAnswer, 'images'> {
  const created = asNumber(body.created);
  const traits = traitNames.flatMap((name) => (typeof body[name] === 'string' ? [[name, body[name]] as const] : []));
  const usageDetails = asObject(body.usage);
  const usage = usageDetails && decodeUsage(usageDetails);
  return {
    ...(created !== undefined && { created }),
    ...(traits.length > 0 && { traits: Object.fromEntries(traits) }),
    ...(usage !== undefined && { usage, ...(usageDetails !== undefined && { usageDetails }) }),
  };
}

/** Tokens of the prompt and of the pictures. Models that are paid by the picture count none. */
export function decodeUsage(usage: JsonObject): Usage | undefined {
  const inputTokens = tokenCount(usage.input_tokens);
  const outputTokens = tokenCount(usage.output_tokens);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return { inputTokens, outputTokens };
}
