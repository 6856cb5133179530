import type { JsonObject } from '../../core/json.ts';
import { ownFields } from '../own-fields.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const dialect = 'bedrock-converse';

export const { opaque, ownExtensions, ownValue, withExtensions } = ownFields(dialect);

/** Top-level keys of a request the canonical form has a place for, wholly or in part. */
export const canonicalRequestKeys: ReadonlySet<string> = new Set([
  'messages',
  'system',
  'inferenceConfig',
  'toolConfig',
  'additionalModelRequestFields',
  'requestMetadata',
  'outputConfig',
]);

/** Top-level keys of a request that only this dialect knows, kept as extensions. */
export const ownRequestKeys: ReadonlySet<string> = new Set([
  'guardrailConfig',
  'promptVariables',
  'additionalModelResponseFieldPaths',
  'performanceConfig',
  'serviceTier',
]);

/** The object, or nothing when it has no members. */
export function unlessEmpty(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}
