import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Splice } from '../../../wire/splice-json.ts';
import type { ImageRequest } from '../../canonical/image.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import { isGatewayMember } from '../../request-members.ts';
import { givenParameters } from '../other-parameters.ts';
import { type ImageModelRule, ruleOf, takes } from './variant.ts';

export function encodeRequest(
  request: ImageRequest,
  { model }: EncodeTarget,
  rules: readonly ImageModelRule[],
): EncodedRequest {
  const rule = ruleOf(rules, model);
  const body: Record<string, JsonValue> = { model, prompt: request.prompt, n: request.count };
  const dropped: string[] = [];
  for (const [name, value] of Object.entries({ ...givenParameters(request), ...request.others })) {
    if (value === undefined) continue;
    if (takes(rule, name)) body[name] = name === 'quality' ? qualityOf(value, rule) : value;
    else if (value !== 'auto' && value !== 'b64_json') dropped.push(name);
  }
  return { body, dropped };
}

function qualityOf(value: JsonValue, { qualities = {} }: ImageModelRule): JsonValue {
  return typeof value === 'string' && Object.hasOwn(qualities, value) ? (qualities[value] ?? value) : value;
}

/** A caller's body goes on as it is when the model takes all of it. */
export function passThrough(
  body: JsonObject,
  { model }: EncodeTarget,
  rules: readonly ImageModelRule[],
): readonly Splice[] | undefined {
  const rule = ruleOf(rules, model);
  const splices: Splice[] = [['model', JSON.stringify(model)]];
  for (const [key, value] of Object.entries(body)) {
    if (isGatewayMember(key, value)) splices.push([key, undefined]);
    else if (!fits(key, value, rule)) return undefined;
  }
  return splices;
}

function fits(key: string, value: JsonValue | undefined, rule: ImageModelRule): boolean {
  switch (key) {
    case 'model':
    case 'prompt':
    case 'n':
      return true;
    case 'stream':
      return value !== true || rule.streams === true || rule.parameters === 'all';
    case 'partial_images':
      return rule.streams === true || rule.parameters === 'all';
    case 'quality':
      return takes(rule, key) && qualityOf(value ?? null, rule) === value;
    default:
      return takes(rule, key);
  }
}
