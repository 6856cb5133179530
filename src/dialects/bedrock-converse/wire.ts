import type { JsonObject } from '../../core/json.ts';
import type { Extensions, Opaque } from '../canonical.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const dialect = 'bedrock-converse';

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

/** `extensions` with this dialect's fields, ready to be spread; nothing when there are none. */
export function withExtensions(own: JsonObject | undefined): { readonly extensions?: Extensions } {
  return own === undefined ? {} : { extensions: { [dialect]: own } };
}

/** This dialect's own extension fields. The names of all others are reported as dropped. */
export function ownExtensions(extensions: Extensions | undefined, dropped: Set<string>): JsonObject | undefined {
  if (extensions === undefined) return undefined;
  for (const [name, fields] of Object.entries(extensions)) {
    if (name === dialect) continue;
    for (const key of Object.keys(fields)) dropped.add(key);
  }
  return extensions[dialect];
}

/** Opaque state of this dialect; nothing for an empty or missing value. */
export function opaque(value: unknown): Opaque | undefined {
  return typeof value === 'string' && value !== '' ? { dialect, value } : undefined;
}

/** The value of opaque state, if this dialect made it. */
export function ownValue(state: Opaque | undefined): string | undefined {
  return state?.dialect === dialect ? state.value : undefined;
}

/** The object, or nothing when it has no members. */
export function unlessEmpty(object: JsonObject): JsonObject | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
}
