import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { contentText } from '../openai-chat/content-text.ts';
import { invalid } from '../openai-chat/invalid.ts';
import { strictSchemaProblem } from '../openai-chat/strict-schema.ts';
import type { ChatRoute, Refusal, WireRequest } from '../personality.ts';
import { checkInput } from './check-input.ts';
import { checkTools } from './check-tools.ts';

/** What OpenAI refuses with 400, in its words: https://platform.openai.com/docs/api-reference/responses/create */
export function checkRequest(request: WireRequest, route: ChatRoute): Refusal | undefined {
  const body = asObject(request.json);
  if (!String(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return invalid("Unsupported content type. This API method only accepts 'application/json' requests.");
  }
  if (body === undefined) return invalid('We could not parse the JSON body of your request.');
  return firstRefusal([
    () => checkFields(body),
    () => (route.model === '' ? missing('model') : undefined),
    () => checkNumbers(body, route.model),
    () => checkModelParameters(body, route.model),
    () => checkInclude(body),
    () => checkState(body),
    () => checkInput(body),
    () => checkTools(body),
    () => checkFormat(body),
  ]);
}

function missing(param: string): Refusal {
  return invalid(`Missing required parameter: '${param}'.`, { param, code: 'missing_required_parameter' });
}

const fields = new Set(
  (
    'background context_management conversation include input instructions max_output_tokens max_tool_calls metadata model ' +
    'moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention ' +
    'reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs ' +
    'top_p truncation user'
  ).split(' '),
);

function checkFields(body: JsonObject): Refusal | undefined {
  const unknown = Object.keys(body).find((key) => !fields.has(key));
  if (unknown === undefined) return undefined;
  return invalid(`Unknown parameter: '${unknown}'.`, { param: unknown, code: 'unknown_parameter' });
}

const ranges: Readonly<Record<string, readonly [minimum: number, maximum: number, kind: 'integer' | 'decimal']>> = {
  temperature: [0, 2, 'decimal'],
  top_p: [0, 1, 'decimal'],
  max_output_tokens: [16, Number.MAX_SAFE_INTEGER, 'integer'],
  top_logprobs: [0, 20, 'integer'],
};

/** Servers of open models, whose names have a maker (vLLM), take any limit. */
function checkNumbers(body: JsonObject, model: string): Refusal | undefined {
  for (const [param, [least, maximum, kind]] of Object.entries(ranges)) {
    const minimum = model.includes('/') ? Math.min(least, 1) : least;
    const value = body[param];
    if (value === undefined || value === null) continue;
    const number = asNumber(value);
    if (number === undefined || (kind === 'integer' && !Number.isInteger(number))) {
      const wanted = kind === 'integer' ? 'an integer' : 'a decimal';
      return invalid(`Invalid type for '${param}': expected ${wanted}, but got ${typeof value} instead.`, {
        param,
        code: 'invalid_type',
      });
    }
    if (number < minimum || number > maximum) return outOfRange(param, { number, minimum, maximum, kind });
  }
  return undefined;
}

function outOfRange(
  param: string,
  found: { readonly number: number; readonly minimum: number; readonly maximum: number; readonly kind: string },
): Refusal {
  const { number, minimum, maximum, kind } = found;
  const isLow = number < minimum;
  const word = isLow ? 'below minimum' : 'above maximum';
  const bound = isLow ? `>= ${minimum}` : `<= ${maximum}`;
  return invalid(`Invalid '${param}': ${kind} ${word} value. Expected a value ${bound}, but got ${number} instead.`, {
    param,
    code: `${kind}_${isLow ? 'below_min' : 'above_max'}_value`,
  });
}

/** https://platform.openai.com/docs/guides/reasoning */
const reasoningModel = /^(?:o\d|gpt-5(?!\.\d|-chat))/;
const plainModel = /^(?:gpt-3\.5|gpt-4)/;

function checkModelParameters(body: JsonObject, model: string): Refusal | undefined {
  const refused = reasoningModel.test(model)
    ? ['temperature', 'top_p'].find((param) => (body[param] ?? 1) !== 1)
    : plainModel.test(model) && asString(asObject(body.reasoning)?.effort) !== undefined
      ? 'reasoning.effort'
      : undefined;
  if (refused !== undefined) {
    return invalid(`Unsupported parameter: '${refused}' is not supported with this model.`, {
      param: refused,
      code: 'unsupported_parameter',
    });
  }
  if (!plainModel.test(model) || !asArray(body.include).includes('reasoning.encrypted_content')) return undefined;
  return invalid('Encrypted content is not supported with this model.', { param: 'include' });
}

const inclusions = [
  'web_search_call.action.sources',
  'web_search_call.results',
  'code_interpreter_call.outputs',
  'computer_call_output.output.image_url',
  'file_search_call.results',
  'message.input_image.image_url',
  'message.output_text.logprobs',
  'reasoning.encrypted_content',
];

function checkInclude(body: JsonObject): Refusal | undefined {
  return refuseAny(asArray(body.include), (word, index) =>
    inclusions.some((known) => known === word)
      ? undefined
      : invalid(
          `Invalid value: '${String(word)}'. Supported values are: ${inclusions.map((one) => `'${one}'`).join(', ')}.`,
          {
            param: `include[${index}]`,
            code: 'invalid_value',
          },
        ),
  );
}

function checkState(body: JsonObject): Refusal | undefined {
  const id = body.previous_response_id;
  if (id === undefined || id === null) return undefined;
  if (body.conversation !== undefined && body.conversation !== null) {
    return invalid("Mutually exclusive parameters: 'previous_response_id' and 'conversation'.", {
      code: 'mutually_exclusive_parameters',
    });
  }
  if (typeof id === 'string' && id.startsWith('resp_')) return undefined;
  return invalid(`Invalid 'previous_response_id': '${String(id)}'. Expected an ID that begins with 'resp'.`, {
    param: 'previous_response_id',
    code: 'invalid_value',
  });
}

// ---- Format of the answer ----

function checkFormat(body: JsonObject): Refusal | undefined {
  const format = asObject(asObject(body.text)?.format);
  if (format === undefined) return undefined;
  const type = asString(format.type) ?? '';
  if (type === 'json_schema') return checkSchemaFormat(format);
  if (type === 'text') return undefined;
  if (type !== 'json_object') {
    return invalid(`Invalid value: '${type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`, {
      param: 'text.format.type',
      code: 'invalid_value',
    });
  }
  if (mentionsJson(body)) return undefined;
  return invalid(
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
    { param: 'input' },
  );
}

function mentionsJson({ input, instructions }: JsonObject): boolean {
  const texts =
    typeof input === 'string' ? [input] : asArray(input).map((item) => contentText(asObject(item)?.content));
  return [instructions, ...texts].some((text) => /json/i.test(String(text)));
}

function checkSchemaFormat(format: JsonObject): Refusal | undefined {
  const name = asString(format.name);
  if (name === undefined) return missing('text.format.name');
  if (asObject(format.schema) === undefined) return missing('text.format.schema');
  const problem = format.strict === true ? strictSchemaProblem(asObject(format.schema) ?? {}) : undefined;
  return problem === undefined
    ? undefined
    : invalid(`Invalid schema for response_format '${name}': ${problem}`, {
        param: 'text.format.schema',
        code: 'invalid_json_schema',
      });
}
