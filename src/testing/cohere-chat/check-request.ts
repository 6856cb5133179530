import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal, WireRequest } from '../personality.ts';
import { checkMessages } from './check-messages.ts';
import { invalid, refuseExtra } from './invalid.ts';

/** What Cohere refuses with 400, in its words where they are known: https://docs.cohere.com/reference/chat */
export function checkRequest(request: WireRequest): Refusal | undefined {
  const body = asObject(request.json);
  if (body === undefined) return invalid('the body must be valid JSON');
  return firstRefusal([
    () => refuseExtra(body, fields),
    () => (asString(body.model) ? undefined : { status: 400, message: 'model is required' }),
    () => checkNumbers(body),
    () => checkStop(body.stop_sequences),
    () => checkMessages(body),
    () => checkTools(body),
    () => checkFormat(body),
    () => checkThinking(body.thinking),
  ]);
}

const fields =
  'model messages stream tools tool_choice strict_tools documents citation_options response_format safety_mode ' +
  'max_tokens stop_sequences temperature seed frequency_penalty presence_penalty k p logprobs thinking priority raw_prompting';

const ranges: Readonly<Record<string, readonly [from: number, to: number]>> = {
  max_tokens: [1, Number.MAX_SAFE_INTEGER],
  temperature: [0, 1],
  p: [0.01, 0.99],
  k: [0, 500],
  seed: [0, Number.MAX_SAFE_INTEGER],
  frequency_penalty: [0, 1],
  presence_penalty: [0, 1],
};

function checkNumbers(body: JsonObject): Refusal | undefined {
  return refuseAny(Object.entries(ranges), ([name, [from, to]]) => {
    const value = body[name];
    if (value == null) return undefined;
    const number = asNumber(value);
    if (number === undefined) return invalid(`${name} must be a number`);
    return number < from || number > to ? invalid(`${name} must be between ${from} and ${to} inclusive.`) : undefined;
  });
}

function checkStop(sequences: unknown): Refusal | undefined {
  if (sequences == null) return undefined;
  if (!Array.isArray(sequences)) return invalid('stop_sequences must be an array of strings');
  return sequences.length > 5 ? invalid('stop_sequences must have at most 5 elements') : undefined;
}

function checkTools({ tools, tool_choice: choice }: JsonObject): Refusal | undefined {
  const known = choice == null || choice === 'REQUIRED' || choice === 'NONE';
  if (!known) return invalid('tool_choice must be one of REQUIRED, NONE');
  if (choice === 'REQUIRED' && asArray(tools).length === 0) {
    return invalid('tool_choice REQUIRED needs tools');
  }
  return refuseAny(asArray(tools), (tool) => checkTool(asObject(tool) ?? {}));
}

function checkTool(tool: JsonObject): Refusal | undefined {
  const declared = asObject(tool.function);
  if (tool.type !== 'function' || declared === undefined) return invalid('tools must be of type function');
  if (!/^[a-zA-Z0-9_-]+$/.test(asString(declared.name) ?? '')) return invalid('tool name must be a valid name');
  if (asObject(declared.parameters) === undefined) return invalid('tool parameters must be a JSON schema');
  return firstRefusal([
    () => refuseExtra(tool, 'type function'),
    () => refuseExtra(declared, 'name description parameters'),
  ]);
}

/** https://docs.cohere.com/docs/structured-outputs */
function checkFormat({ response_format: format, tools, documents }: JsonObject): Refusal | undefined {
  if (format == null) return undefined;
  const type = asString(asObject(format)?.type) ?? '';
  if (type !== 'text' && type !== 'json_object')
    return invalid('response_format.type must be one of text, json_object');
  if (type === 'json_object' && asArray(documents).length > 0)
    return invalid('response_format is not supported with RAG.');
  if (type === 'json_object' && asObjects(tools).length > 0) {
    return invalid('response_format is not supported with tools.');
  }
  return refuseExtra(asObject(format) ?? {}, 'type json_schema schema');
}

function checkThinking(thinking: unknown): Refusal | undefined {
  if (thinking == null) return undefined;
  const { type, token_budget: budget } = asObject(thinking) ?? {};
  if (type !== 'enabled' && type !== 'disabled') return invalid('thinking.type must be one of enabled, disabled');
  const valid = budget == null || (Number.isInteger(budget) && Number(budget) > 0);
  return valid ? undefined : invalid('thinking.token_budget must be a positive integer');
}
