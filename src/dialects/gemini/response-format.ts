import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ResponseFormat } from '../canonical.ts';
import { toOpenApiSchema } from './schema.ts';
import { fromOpenApiSchema } from './schema-decode.ts';
import { sameJson } from './tools.ts';
import type { ModelTraits } from './variant.ts';

/* https://ai.google.dev/gemini-api/docs/structured-output */

const json = 'application/json';

export interface DecodedResponseFormat {
  readonly responseFormat?: ResponseFormat;
  /** Fields of `generationConfig` that the canonical form cannot say. */
  readonly rest?: JsonObject;
}

export function decodeResponseFormat(config: JsonObject): DecodedResponseFormat {
  const { responseMimeType, responseSchema, responseJsonSchema } = config;
  const mimeType = asString(responseMimeType);
  if (mimeType === undefined || mimeType === 'text/plain') {
    return {
      ...(mimeType !== undefined && { responseFormat: { type: 'text' } }),
      ...present({ responseSchema, responseJsonSchema }),
    };
  }
  // Enumerations (`text/x.enum`) and whatever comes.
  if (mimeType !== json) return present({ responseMimeType, responseSchema, responseJsonSchema });
  const jsonSchema = asObject(responseJsonSchema);
  if (jsonSchema !== undefined) return { responseFormat: { type: 'json-schema', schema: jsonSchema } };
  const openApi = asObject(responseSchema);
  if (openApi === undefined) return { responseFormat: { type: 'json' } };
  const schema = fromOpenApiSchema(openApi);
  return {
    responseFormat: { type: 'json-schema', schema },
    ...(!sameJson(schema, openApi) && present({ responseSchema })),
  };
}

function present(fields: JsonObject): { readonly rest?: JsonObject } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? {} : { rest: Object.fromEntries(entries) };
}

/** @param kept the schema as a Gemini caller wrote it, in the OpenAPI subset */
export function encodeResponseFormat(
  format: ResponseFormat | undefined,
  kept: JsonObject | undefined,
  traits: ModelTraits,
): JsonObject {
  switch (format?.type) {
    case undefined:
    case 'text':
      return {};
    case 'json':
      return { responseMimeType: json };
    case 'json-schema': {
      if (kept !== undefined && sameJson(fromOpenApiSchema(kept), format.schema)) {
        return { responseMimeType: json, responseSchema: kept };
      }
      return traits.jsonSchema
        ? { responseMimeType: json, responseJsonSchema: format.schema }
        : { responseMimeType: json, responseSchema: toOpenApiSchema(format.schema) };
    }
  }
}
