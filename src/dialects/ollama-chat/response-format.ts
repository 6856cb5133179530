import { isJsonObject, type JsonValue } from '../../core/json.ts';
import type { ResponseFormat } from '../canonical.ts';
import { refusal } from '../refusal.ts';

/**
 * `format`: `json`, or a JSON schema that the answer is held to. Clients send an empty string for neither.
 * https://docs.ollama.com/capabilities/structured-outputs
 *
 * @throws GatewayError `invalid_request`
 */
export function decodeFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  if (format == null || format === '') return undefined;
  if (format === 'json') return { type: 'json' };
  if (isJsonObject(format)) return { type: 'json-schema', schema: format };
  throw refusal('format', 'must be "json" or a JSON schema');
}

/** A schema's name and description go nowhere, and every schema is strict. */
export function encodeFormat(format: ResponseFormat | undefined): JsonValue | undefined {
  switch (format?.type) {
    case 'json':
      return 'json';
    case 'json-schema':
      return format.schema;
    default:
      return undefined;
  }
}
