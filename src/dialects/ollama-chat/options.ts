import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { gatewayOption, type MutableJson, numberMember } from './wire.ts';

/** The canonical parameters that stand in `options`. */
type Sampling = Pick<
  ChatRequest,
  'temperature' | 'topP' | 'topK' | 'presencePenalty' | 'frequencyPenalty' | 'seed' | 'maxOutputTokens' | 'stop'
>;

const numbers = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['top_k', 'topK'],
  ['presence_penalty', 'presencePenalty'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['seed', 'seed'],
] as const;

/**
 * Options of the model and its runner that no other dialect has. OpenAI callers may send them as top-level members.
 * https://docs.ollama.com/modelfile#valid-parameters-and-values
 */
export const runnerOptions: ReadonlySet<string> = new Set([
  'min_p',
  'typical_p',
  'repeat_last_n',
  'repeat_penalty',
  'num_ctx',
  'num_keep',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'use_mmap',
  'mirostat',
  'mirostat_tau',
  'mirostat_eta',
]);

const knownOptions: ReadonlySet<string> = new Set([...numbers.map(([option]) => option), 'stop', gatewayOption]);

export interface DecodedOptions {
  readonly sampling: Sampling;
  /** Options without a place in the canonical form. */
  readonly others: JsonObject | undefined;
}

/** @throws GatewayError `invalid_request` naming the option */
export function decodeOptions(value: JsonValue | undefined): DecodedOptions {
  if (value == null) return { sampling: {}, others: undefined };
  const options = asObject(value);
  if (options === undefined) throw refusal('options', 'must be an object');
  const sampling: { -readonly [Key in keyof Sampling]: Sampling[Key] } = {};
  for (const [option, name] of numbers) {
    const number = numberMember(options, option, `options.${option}`);
    if (number !== undefined) sampling[name] = number;
  }
  const stop = decodeStop(options.stop);
  if (stop !== undefined) sampling.stop = stop;
  // Below 1 are words of its own: -1 is no limit, -2 fills the context.
  const limit = numberMember(options, 'num_predict', 'options.num_predict');
  const limited = limit !== undefined && limit > 0;
  if (limited) sampling.maxOutputTokens = limit;
  const known = limited ? new Set([...knownOptions, 'num_predict']) : knownOptions;
  return { sampling, others: givenMembers(options, known) };
}

function decodeStop(stop: JsonValue | undefined): readonly string[] | undefined {
  if (stop == null) return undefined;
  if (typeof stop === 'string') return [stop];
  const sequences = asArray(stop)
    .map(asString)
    .filter((sequence) => sequence !== undefined);
  if (!Array.isArray(stop) || sequences.length < stop.length) {
    throw refusal('options.stop', 'must be a string or an array of strings');
  }
  return sequences;
}

/** `options`, or nothing where all is as the model's own file says. */
export function encodeOptions(request: Sampling, others: JsonObject): JsonObject | undefined {
  const options: MutableJson = { ...others };
  for (const [option, name] of numbers) {
    if (request[name] !== undefined) options[option] = request[name];
  }
  if (request.maxOutputTokens !== undefined) options.num_predict = request.maxOutputTokens;
  if (request.stop !== undefined) options.stop = request.stop;
  return Object.keys(options).length === 0 ? undefined : options;
}
