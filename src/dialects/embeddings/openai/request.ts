import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Splice } from '../../../wire/splice-json.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import { isGatewayMember } from '../../request-members.ts';
import { refuseNativeOnly, textOf } from '../inputs.ts';
import { purposeWords } from '../purpose.ts';
import { accepts, type ResolvedVariant } from './variant.ts';

export function encodeRequest(
  request: EmbeddingRequest,
  { model }: EncodeTarget,
  variant: ResolvedVariant,
): EncodedRequest {
  refuseNativeOnly(request);
  const body: Record<string, JsonValue> = { model, input: encodeInputs(request.inputs, variant) };
  const dropped: string[] = [];
  const put = (name: string, value: JsonValue | undefined, field = name): void => {
    if (value === undefined) return;
    if (accepts(variant, name)) body[field] = value;
    else dropped.push(name);
  };
  if (variant.shortened.test(model)) put('dimensions', request.dimensions, variant.dimensionsField);
  else if (request.dimensions !== undefined) dropped.push('dimensions');
  put('user', request.user);
  put('input_type', request.purposeWord ?? (request.purpose && purposeWords.cohere[request.purpose]));
  // A provider of this kind refuses what is too long, unless it has a parameter for it.
  if (request.truncate !== 'none') put('truncate', request.truncate);
  for (const [name, value] of Object.entries(request.others ?? {})) put(name, value);
  // A third of the bytes, and exact.
  if (variant.base64) body.encoding_format = 'base64';
  return { body, dropped };
}

function encodeInputs(inputs: readonly EmbeddingInput[], variant: ResolvedVariant): JsonValue {
  return inputs.map((input) => {
    const [part] = input.parts;
    return variant.tokenIds && input.parts.length === 1 && part?.type === 'tokens' ? part.tokens : textOf(input);
  });
}

/** A caller's body goes on as it is when the provider takes all of it. */
export function passThrough(
  body: JsonObject,
  { model }: EncodeTarget,
  variant: ResolvedVariant,
): readonly Splice[] | undefined {
  const splices: Splice[] = [['model', JSON.stringify(model)]];
  for (const [key, value] of Object.entries(body)) {
    if (isGatewayMember(key, value)) splices.push([key, undefined]);
    else if (!fits(key, value, { model, variant })) return undefined;
  }
  return splices;
}

interface Place {
  readonly model: string;
  readonly variant: ResolvedVariant;
}

function fits(key: string, value: JsonValue | undefined, { model, variant }: Place): boolean {
  switch (key) {
    case 'model':
      return true;
    case 'input':
      return variant.tokenIds || !holdsTokenIds(value);
    case 'encoding_format':
      return value === 'float' || (value === 'base64' && variant.base64 && variant.base64Holds === 'float32');
    case 'dimensions':
      return variant.dimensionsField === key && accepts(variant, key) && variant.shortened.test(model);
    default:
      return accepts(variant, key);
  }
}

function holdsTokenIds(input: JsonValue | undefined): boolean {
  return Array.isArray(input) && input.some((entry) => typeof entry !== 'string');
}
