import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal } from '../first-refusal.ts';
import type { ChatRoute, Refusal, WireRequest } from '../personality.ts';
import { refuseAzureVersion } from './azure.ts';
import { checkMessages } from './check-messages.ts';
import { checkTools } from './check-tools.ts';
import { contentText } from './content-text.ts';
import { invalid } from './invalid.ts';
import { strictSchemaProblem } from './strict-schema.ts';

/** What OpenAI refuses with 400, in its words: https://platform.openai.com/docs/api-reference/chat/create */
export function checkRequest(request: WireRequest, route: ChatRoute): Refusal | undefined {
  const body = asObject(request.json);
  if (!String(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return invalid('you must provide a model parameter');
  }
  if (body === undefined) return invalid('We could not parse the JSON body of your request.');
  return firstRefusal([
    () => refuseAzureVersion(request),
    () => checkFields(body),
    () => checkModel(route),
    () => checkNumbers(body),
    () => checkCombinations(body),
    () => checkMessages(body),
    () => checkTools(body),
    () => checkFormat(body),
  ]);
}

const fields = new Set(
  (
    'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens ' +
    'metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_retention ' +
    'reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options temperature ' +
    'tool_choice tools top_logprobs top_p user verbosity web_search_options'
  ).split(' '),
);

function checkFields(body: JsonObject): Refusal | undefined {
  const unknown = Object.keys(body).find((key) => !fields.has(key));
  if (unknown === undefined) return undefined;
  return invalid(`Unknown parameter: '${unknown}'.`, { param: unknown, code: 'unknown_parameter' });
}

function checkModel({ model }: ChatRoute): Refusal | undefined {
  return model !== '' ? undefined : invalid('you must provide a model parameter');
}

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly kind: 'integer' | 'decimal';
}

const ranges: Readonly<Record<string, Range>> = {
  temperature: { minimum: 0, maximum: 2, kind: 'decimal' },
  top_p: { minimum: 0, maximum: 1, kind: 'decimal' },
  presence_penalty: { minimum: -2, maximum: 2, kind: 'decimal' },
  frequency_penalty: { minimum: -2, maximum: 2, kind: 'decimal' },
  n: { minimum: 1, maximum: 128, kind: 'integer' },
  max_tokens: { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, kind: 'integer' },
  max_completion_tokens: { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, kind: 'integer' },
  top_logprobs: { minimum: 0, maximum: 20, kind: 'integer' },
  seed: { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, kind: 'integer' },
};

function checkNumbers(body: JsonObject): Refusal | undefined {
  return firstRefusal(
    Object.entries(ranges).map(
      ([name, range]) =>
        () =>
          checkNumber(name, body[name], range),
    ),
  );
}

function checkNumber(name: string, value: unknown, { minimum, maximum, kind }: Range): Refusal | undefined {
  if (value === undefined || value === null) return undefined;
  const number = asNumber(value);
  if (number === undefined || (kind === 'integer' && !Number.isInteger(number))) {
    const wanted = kind === 'integer' ? 'an integer' : 'a decimal';
    return invalid(`Invalid type for '${name}': expected ${wanted}, but got ${article(value)} instead.`, {
      param: name,
      code: 'invalid_type',
    });
  }
  if (number > maximum) return outOfRange({ name, number, kind, word: 'above maximum', bound: `<= ${maximum}` });
  if (number < minimum) return outOfRange({ name, number, kind, word: 'below minimum', bound: `>= ${minimum}` });
  return undefined;
}

function outOfRange(found: {
  readonly name: string;
  readonly number: number;
  readonly kind: Range['kind'];
  readonly word: 'above maximum' | 'below minimum';
  readonly bound: string;
}): Refusal {
  const { name, number, kind, word, bound } = found;
  return invalid(`Invalid '${name}': ${kind} ${word} value. Expected a value ${bound}, but got ${number} instead.`, {
    param: name,
    code: `${kind}_${word === 'above maximum' ? 'above_max' : 'below_min'}_value`,
  });
}

function article(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** https://platform.openai.com/docs/guides/reasoning */
const reasoningModel = /^(o\d|gpt-5)/;

function checkCombinations(body: JsonObject): Refusal | undefined {
  const given = (name: string): boolean => body[name] !== undefined && body[name] !== null;
  if (given('max_tokens') && given('max_completion_tokens')) {
    return invalid("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", {
      code: 'invalid_parameter_combination',
    });
  }
  if (given('stream_options') && body.stream !== true) {
    return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", {
      param: 'stream_options',
    });
  }
  if (given('top_logprobs') && body.logprobs !== true) {
    return invalid("'logprobs' must be set to true if 'top_logprobs' is used.", { param: 'top_logprobs' });
  }
  if (asArray(body.stop).length > 4) {
    return invalid(
      `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${asArray(body.stop).length} instead.`,
      {
        param: 'stop',
        code: 'array_above_max_length',
      },
    );
  }
  return reasoningModel.test(asString(body.model) ?? '') ? checkReasoningModel(body) : undefined;
}

function checkReasoningModel(body: JsonObject): Refusal | undefined {
  if (body.max_tokens !== undefined) {
    return invalid(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      {
        param: 'max_tokens',
        code: 'unsupported_parameter',
      },
    );
  }
  const temperature = body.temperature ?? 1;
  if (temperature === 1) return undefined;
  return invalid(
    `Unsupported value: 'temperature' does not support ${String(temperature)} with this model. Only the default (1) value is supported.`,
    { param: 'temperature', code: 'unsupported_value' },
  );
}

function checkFormat(body: JsonObject): Refusal | undefined {
  const format = asObject(body.response_format);
  if (format === undefined) return undefined;
  const type = asString(format.type) ?? '';
  if (!['text', 'json_object', 'json_schema'].includes(type)) {
    return invalid(`Invalid value: '${type}'. Supported values are: 'text', 'json_object', and 'json_schema'.`, {
      param: 'response_format.type',
      code: 'invalid_value',
    });
  }
  if (type === 'json_object' && !mentionsJson(body)) {
    return invalid(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      { param: 'messages' },
    );
  }
  return type === 'json_schema' ? checkSchemaFormat(asObject(format.json_schema)) : undefined;
}

function mentionsJson(body: JsonObject): boolean {
  return asArray(body.messages).some((message) => /json/i.test(contentText(asObject(message)?.content)));
}

function checkSchemaFormat(format: JsonObject | undefined): Refusal | undefined {
  const param = 'response_format.json_schema';
  const name = asString(format?.name);
  if (name === undefined) {
    return invalid(`Missing required parameter: '${param}.name'.`, {
      param: `${param}.name`,
      code: 'missing_required_parameter',
    });
  }
  const problem = format?.strict === true ? strictSchemaProblem(asObject(format.schema) ?? {}) : undefined;
  return problem === undefined
    ? undefined
    : invalid(`Invalid schema for response_format '${name}': ${problem}`, { param: 'response_format' });
}
