import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asStrings } from '../json-lists.ts';
import type { Refusal, WireRequest } from '../personality.ts';
import { checkMessages } from './check-messages.ts';
import { checkThinking } from './check-thinking.ts';
import { checkTools } from './check-tools.ts';
import { contentBlocks } from './content-blocks.ts';
import { invalid, refuseExtra } from './invalid.ts';
import { inOwnForm, refuseVertexForm, vertexPath } from './vertex.ts';

/** What Anthropic refuses with 400, in its words: https://docs.anthropic.com/en/api/messages */
export function checkRequest(request: WireRequest): Refusal | undefined {
  const vertex = vertexPath(request);
  if (vertex === undefined && request.headers['anthropic-version'] === undefined) {
    return invalid('anthropic-version: header is required');
  }
  const given = asObject(request.json);
  if (given === undefined) return invalid('The request body is not valid JSON');
  const body = vertex === undefined ? given : inOwnForm(given, vertex.model);
  return firstRefusal([
    () => (vertex === undefined ? undefined : refuseVertexForm(given)),
    () => checkFields(body),
    () => checkNumbers(body),
    () => checkStopSequences(body),
    () => checkSystem(body.system),
    () => checkMessages(body),
    () => checkTools(body),
    () => checkThinking(body),
  ]);
}

const fields =
  'model messages max_tokens system metadata stop_sequences stream temperature top_k top_p tools tool_choice thinking ' +
  'service_tier container context_management mcp_servers output_config output_format cache_control inference_geo speed';

function checkFields(body: JsonObject): Refusal | undefined {
  const missing = ['model', 'max_tokens', 'messages'].find((name) => body[name] === undefined);
  if (missing !== undefined) return invalid(`${missing}: Field required`);
  if (!asString(body.model)) return invalid('model: Input should be a valid string');
  return firstRefusal([
    () => refuseExtra(body, fields),
    () => refuseExtra(asObject(body.metadata) ?? {}, 'user_id', 'metadata'),
  ]);
}

function checkNumbers(body: JsonObject): Refusal | undefined {
  const { max_tokens: maximum, temperature, top_p: topP, top_k: topK } = body;
  if (asNumber(maximum) === undefined || !Number.isInteger(maximum))
    return invalid('max_tokens: Input should be a valid integer');
  if (Number(maximum) < 1) return invalid('max_tokens: Input should be greater than or equal to 1');
  if (temperature !== undefined && !within(temperature, 1)) return invalid('temperature: range: 0..1');
  if (topP !== undefined && !within(topP, 1)) return invalid('top_p: range: 0..1');
  if (topK !== undefined && !within(topK, Number.MAX_SAFE_INTEGER))
    return invalid('top_k: Input should be greater than or equal to 0');
  return undefined;
}

function within(value: unknown, maximum: number): boolean {
  const number = asNumber(value);
  return number !== undefined && number >= 0 && number <= maximum;
}

function checkStopSequences(body: JsonObject): Refusal | undefined {
  const { stop_sequences: sequences } = body;
  if (sequences === undefined) return undefined;
  if (!Array.isArray(sequences)) return invalid('stop_sequences: Input should be a valid list');
  const blank = asStrings(sequences).some((sequence) => sequence.trim() === '');
  return blank ? invalid('stop_sequences: each stop sequence must contain non-whitespace') : undefined;
}

function checkSystem(system: unknown): Refusal | undefined {
  if (system === undefined || typeof system === 'string') return undefined;
  return refuseAny(contentBlocks(system), (block, index) => {
    if (block.type !== 'text') return invalid(`system.${index}.type: Input should be 'text'`);
    if (block.text === '') return invalid('system: text content blocks must be non-empty');
    return refuseExtra(block, 'type text cache_control citations', `system.${index}`);
  });
}
