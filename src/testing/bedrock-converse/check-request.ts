import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import type { ChatRoute, Refusal, WireRequest } from '../personality.ts';
import { checkMessages } from './check-messages.ts';
import { checkToolConfig } from './check-tools.ts';
import { withType } from './errors.ts';
import { invalid, refuseExtra } from './invalid.ts';
import { thinks } from './read-prompt.ts';

/** What Bedrock refuses with 400, in its words where they are known. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function checkRequest(request: WireRequest, route: ChatRoute): Refusal | undefined {
  const refusal = check(asObject(request.json), route);
  return refusal && withType(refusal);
}

function check(body: JsonObject | undefined, { model }: ChatRoute): Refusal | undefined {
  if (body === undefined) return invalid('Unable to parse the request body as JSON.');
  return firstRefusal([
    () => (model === '' ? invalid('The provided model identifier is invalid.') : undefined),
    () => refuseExtra(body, fields, '#'),
    () => checkInference(asObject(body.inferenceConfig) ?? {}),
    () => checkSystem(body.system),
    () => checkMessages(body),
    () => checkToolConfig(body.toolConfig),
    () => checkThinking(body),
    () => checkFormat(asObject(body.outputConfig)),
  ]);
}

const fields =
  'messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables ' +
  'additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig';

function checkInference(config: JsonObject): Refusal | undefined {
  const { maxTokens, temperature, topP, stopSequences } = config;
  const bounds: readonly (readonly [name: string, value: unknown, least: number, most: number])[] = [
    ['maxTokens', maxTokens, 1, Number.MAX_SAFE_INTEGER],
    ['temperature', temperature, 0, 1],
    ['topP', topP, 0, 1],
  ];
  return firstRefusal([
    () => refuseExtra(config, 'maxTokens temperature topP stopSequences', '#/inferenceConfig'),
    () => refuseAny(bounds, ([name, value, least, most]) => checkNumber(value, { name, least, most })),
    () => (Number.isInteger(maxTokens ?? 1) ? undefined : invalid('NUMBER_VALUE can not be converted to an Integer')),
    () =>
      asStrings(stopSequences).some((sequence) => sequence.trim() === '')
        ? invalid(
            'The model returned the following errors: stop_sequences: each stop sequence must contain non-whitespace',
          )
        : undefined,
  ]);
}

interface Bounds {
  readonly name: string;
  readonly least: number;
  readonly most: number;
}

function checkNumber(value: unknown, { name, least, most }: Bounds): Refusal | undefined {
  if (value === undefined) return undefined;
  const number = asNumber(value);
  if (number === undefined) return invalid(`The value at inferenceConfig.${name} is no number.`);
  const word = number < least ? 'greater than or equal to' : 'less than or equal to';
  return number >= least && number <= most
    ? undefined
    : invalid(
        `1 validation error detected: Value '${number}' at 'inferenceConfig.${name}' failed to satisfy constraint: Member must have value ${word} ${number < least ? least : most}`,
      );
}

function checkSystem(system: unknown): Refusal | undefined {
  if (system === undefined) return undefined;
  if (!Array.isArray(system)) return invalid('Expected the system field to be a list.');
  return refuseAny(asObjects(system), (block, index) => {
    const blank = 'text' in block && (asString(block.text) ?? '').trim() === '';
    return blank
      ? invalid(
          `The text field in the SystemContentBlock object at system.${index} is blank. Add text to the text field, and try again.`,
        )
      : refuseExtra(block, 'text cachePoint guardContent', `#/system/${index}`);
  });
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function checkThinking(body: JsonObject): Refusal | undefined {
  const thinking = asObject(asObject(body.additionalModelRequestFields)?.thinking);
  if (thinking === undefined || !thinks(body)) return undefined;
  const { maxTokens, temperature } = asObject(body.inferenceConfig) ?? {};
  const budget = asNumber(thinking.budget_tokens);
  const says = (what: string): Refusal => invalid(`The model returned the following errors: ${what}`);
  if (thinking.type === 'enabled' && (budget === undefined || budget < 1024)) {
    return says('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  }
  if (typeof maxTokens === 'number' && budget !== undefined && maxTokens <= budget) {
    return says('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  if ((temperature ?? 1) !== 1) return says('`temperature` may only be set to 1 when thinking is enabled.');
  const choice = asObject(asObject(body.toolConfig)?.toolChoice);
  return thinking.type === 'enabled' && (choice?.any ?? choice?.tool) !== undefined
    ? says('Thinking may not be enabled when tool_choice forces tool use.')
    : undefined;
}

function checkFormat(config: JsonObject | undefined): Refusal | undefined {
  if (config === undefined) return undefined;
  const format = asObject(config.textFormat);
  const schema = asObject(asObject(format?.structure)?.jsonSchema)?.schema;
  return format?.type === 'json_schema' && typeof schema === 'string'
    ? undefined
    : invalid("Value at 'outputConfig.textFormat' failed to satisfy constraint: a JSON Schema as a string is required");
}
