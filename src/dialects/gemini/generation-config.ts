import { asNumber, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import type { Encoding } from './encoding.ts';
import { decodeReasoning, encodeReasoning } from './reasoning.ts';
import { decodeResponseFormat, encodeResponseFormat } from './response-format.ts';
import { wireObject } from './wire.ts';

/* https://ai.google.dev/api/generate-content#v1beta.GenerationConfig */

/** Numbers that mean the same on both sides: the canonical name and the wire's. */
const numbers = [
  ['maxOutputTokens', 'maxOutputTokens'],
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['presencePenalty', 'presencePenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['seed', 'seed'],
  ['choiceCount', 'candidateCount'],
  ['topLogprobs', 'logprobs'],
] as const;

type Parameters = Partial<Omit<ChatRequest, 'messages' | 'model' | 'stream' | 'includeUsage'>>;

export interface DecodedGenerationConfig {
  readonly parameters: Parameters;
  /** Fields the canonical form has no place for, or no place for their values. */
  readonly rest?: JsonObject;
}

const structured: ReadonlySet<string> = new Set(['responseMimeType', 'responseSchema', 'responseJsonSchema']);
/** A budget is kept beside its meaning, for models whose usual way to say it is a level. */
const thinkingFields: ReadonlySet<string> = new Set(['includeThoughts', 'thinkingLevel']);

export function decodeGenerationConfig(value: JsonValue | undefined): DecodedGenerationConfig {
  const config = wireObject(value);
  if (config === undefined) return { parameters: {} };
  const understood = new Set(structured);
  const take = <Value>(field: string, read: Value | undefined): Value | undefined => {
    if (read !== undefined) understood.add(field);
    return read;
  };
  const counts = numbers.map(([name, field]) => [name, take(field, asNumber(config[field]))] as const);
  const stop = take('stopSequences', asStrings(config.stopSequences));
  const logprobs = take('responseLogprobs', asBoolean(config.responseLogprobs));
  const thinking = take('thinkingConfig', wireObject(config.thinkingConfig));
  const reasoning = decodeReasoning(thinking);
  const format = decodeResponseFormat(config);
  const thinkingRest = thinking && otherMembers(thinking, thinkingFields);
  const rest = {
    ...otherMembers(config, understood),
    ...format.rest,
    ...(thinkingRest && { thinkingConfig: thinkingRest }),
  };
  return {
    parameters: {
      ...Object.fromEntries(counts.filter(([, count]) => count !== undefined)),
      ...(stop && { stop }),
      ...(logprobs !== undefined && { logprobs }),
      ...(reasoning && { reasoning }),
      ...(format.responseFormat && { responseFormat: format.responseFormat }),
    },
    ...(Object.keys(rest).length > 0 && { rest }),
  };
}

function asStrings(value: JsonValue | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const strings = value.filter((item) => typeof item === 'string');
  return strings.length === value.length ? strings : undefined;
}

function asBoolean(value: JsonValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** `undefined` when there is nothing to configure. */
export function encodeGenerationConfig(request: ChatRequest, encoding: Encoding): JsonObject | undefined {
  const rest = asObject(request.extensions?.gemini?.generationConfig) ?? {};
  const { responseSchema, thinkingConfig, ...others } = rest;
  const format = encodeFormat(request, asObject(responseSchema), encoding);
  const config: JsonObject = {
    ...others,
    ...(format.responseMimeType === undefined && responseSchema !== undefined && { responseSchema }),
    ...encodeNumbers(request, encoding),
    ...encodeStop(request.stop, encoding),
    ...(request.logprobs !== undefined && { responseLogprobs: request.logprobs }),
    ...format,
    ...encodeThinking(request, asObject(thinkingConfig), encoding),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

function encodeNumbers(request: ChatRequest, encoding: Encoding): JsonObject {
  const entries = numbers.flatMap(([name, field]): [string, number][] => {
    const value = request[name];
    if (value === undefined) return [];
    if (name !== 'seed' || isInt32(value)) return [[field, value]];
    encoding.dropped.add('seed');
    return [];
  });
  return Object.fromEntries(entries);
}

/** The API reads the seed as a 32-bit number and refuses larger ones. */
function isInt32(value: number): boolean {
  return (value | 0) === value;
}

const maxStopSequences = 5;

function encodeStop(stop: readonly string[] | undefined, encoding: Encoding): JsonObject {
  if (stop === undefined || stop.length === 0) return {};
  if (stop.length > maxStopSequences) encoding.dropped.add('stop');
  return { stopSequences: stop.slice(0, maxStopSequences) };
}

function encodeFormat(request: ChatRequest, kept: JsonObject | undefined, encoding: Encoding): JsonObject {
  const format = encodeResponseFormat(request.responseFormat, kept, encoding.traits);
  const hasFunctions = request.tools?.some((tool) => tool.type === 'function') ?? false;
  // "Function calling with a response mime type: 'application/json' is unsupported"
  if (format.responseMimeType === undefined || encoding.traits.jsonWithTools || !hasFunctions) return format;
  encoding.dropped.add('response_format');
  return {};
}

function encodeThinking(request: ChatRequest, kept: JsonObject | undefined, encoding: Encoding): JsonObject {
  const { thinkingBudget, ...rest } = kept ?? {};
  const encoded = request.reasoning && encodeReasoning(request.reasoning, encoding.traits, thinkingBudget);
  if (encoded?.wish === 'not-possible') encoding.dropped.add('reasoning_effort');
  const config = { ...rest, ...encoded?.thinkingConfig };
  return Object.keys(config).length === 0 ? {} : { thinkingConfig: config };
}
