import { asObject, asString, type JsonObject, type JsonValue, parseObject } from '../../core/json.ts';
import { cleanSchema, isRecursive } from '../anthropic-messages/schema.ts';
import type { ResponseFormat } from '../canonical.ts';
import { refusal } from '../refusal.ts';
import type { ModelTraits } from './models.ts';
import { structuredAnswerTool } from './structured-answer.ts';

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_OutputConfig.html
 * @throws GatewayError `invalid_request` when the schema is no JSON object
 */
export function decodeOutputConfig(value: JsonValue | undefined): ResponseFormat | undefined {
  const format = asObject(asObject(value)?.textFormat);
  const definition = asObject(asObject(format?.structure)?.jsonSchema);
  if (format?.type !== 'json_schema' || definition === undefined) return undefined;
  const schema = parseObject(asString(definition.schema) ?? '');
  if (schema === undefined) throw refusal('outputConfig', 'has no JSON Schema');
  const name = asString(definition.name);
  const description = asString(definition.description);
  return {
    type: 'json-schema',
    schema,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
}

export interface EncodedFormat {
  readonly outputConfig?: JsonObject;
  /** The one tool of the request, which has to be called. */
  readonly toolConfig?: JsonObject;
  /** What the system prompt must say where nothing enforces the format. */
  readonly instruction?: string;
}

export interface FormatInput {
  readonly format: ResponseFormat | undefined;
  readonly traits: ModelTraits;
  /** Whether a tool may be forced on the model: it thinks in a way that allows it, and has no other tools. */
  readonly forcing: 'possible' | 'impossible';
  readonly dropped: Set<string>;
}

const onlyJson = 'Answer with one JSON object and nothing else: no text around it, no code fence.';

/**
 * A schema is enforced where the model can, else by a tool that has to be called. Where neither is possible, and for JSON
 * without a schema, which the API has no word for, the system prompt asks for it and `response_format` is reported as
 * dropped: nothing guarantees the answer.
 */
export function encodeResponseFormat({ format, traits, forcing, dropped }: FormatInput): EncodedFormat {
  if (format === undefined || format.type === 'text') return {};
  if (format.type === 'json') {
    dropped.add('response_format');
    return { instruction: onlyJson };
  }
  const { name, description, schema } = format;
  if (traits.structuredOutput === 'accepted' && schema.type === 'object' && !isRecursive(schema)) {
    const text = JSON.stringify(enforceable(schema, traits, dropped));
    const jsonSchema = {
      schema: text,
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
    };
    return { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } };
  }
  const choice = traits.toolChoices.includes('tool') ? { tool: { name: structuredAnswerTool } } : { any: {} };
  if (forcing === 'possible' && traits.toolChoices.includes('any') && schema.type === 'object') {
    const toolSpec = {
      name: structuredAnswerTool,
      description: description ?? 'Gives the answer.',
      inputSchema: { json: schema },
    };
    return { toolConfig: { tools: [{ toolSpec }], toolChoice: choice } };
  }
  dropped.add('response_format');
  return { instruction: `${onlyJson} It must be valid against this JSON Schema:\n${JSON.stringify(schema)}` };
}

/** Claude's structured outputs take less of JSON Schema than others do. */
function enforceable(schema: JsonObject, traits: ModelTraits, dropped: Set<string>): JsonObject {
  if (traits.reasoning !== 'thinking') return schema;
  const cleaned = cleanSchema(schema);
  if (cleaned.changed) dropped.add('response_format.json_schema.schema');
  return cleaned.schema;
}
