import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import { demoTokens, demoVector } from '../demo-vectors.ts';
import { firstRefusal } from '../first-refusal.ts';
import type { Refusal, WholeRoute, WireRequest } from '../personality.ts';
import { invalid } from './invalid.ts';

/** OpenAI's own path, Azure's, and those of servers that add no version. */
const paths = /^(?:\/openai)?(?:\/v1|\/deployments\/([^/]+))\/embeddings$/;

/** OpenAI's embeddings, and Mistral's by the model's name: https://platform.openai.com/docs/api-reference/embeddings */
export function embeddingsRoute({ path, json }: WireRequest): WholeRoute | undefined {
  const match = paths.exec(path);
  if (match === null) return undefined;
  const model = match[1] === undefined ? (asString(asObject(json)?.model) ?? '') : decodeURIComponent(match[1]);
  const rules = rulesOf(model);
  return {
    operation: 'embeddings',
    model,
    refuse: (request) => refuse(asObject(request.json) ?? {}, rules),
    answer: (body) => answer(body, model),
  };
}

interface Rules {
  readonly members: readonly string[];
  readonly inputs: number;
  readonly tokenIds: boolean;
  /** The name of the member that shortens vectors. */
  readonly length: string | undefined;
  readonly tooMany: Refusal;
}

function rulesOf(model: string): Rules {
  if (/^(?:mistral|codestral)-embed/.test(model)) return mistral;
  return model.includes('ada-002') ? { ...openai, length: undefined } : openai;
}

const openai: Rules = {
  members: ['model', 'input', 'encoding_format', 'dimensions', 'user'],
  inputs: 2048,
  tokenIds: true,
  length: 'dimensions',
  tooMany: invalid("Invalid 'input': array too long. Expected an array with maximum length 2048.", { param: 'input' }),
};

const mistral: Rules = {
  members: ['model', 'input', 'encoding_format', 'output_dimension', 'output_dtype', 'metadata'],
  inputs: 256,
  tokenIds: false,
  length: 'output_dimension',
  tooMany: invalid('Too many inputs in request, split into more batches.', { code: '3210' }),
};

function refuse(body: JsonObject, rules: Rules): Refusal | undefined {
  return firstRefusal([
    () => {
      const unknown = Object.keys(body).find((key) => !rules.members.includes(key));
      return unknown === undefined ? undefined : invalid(`Unrecognized request argument supplied: ${unknown}`);
    },
    () => (isInput(body.input, rules) ? undefined : invalid("'$.input' is invalid.", { param: 'input' })),
    () => (inputsOf(body).length > rules.inputs ? rules.tooMany : undefined),
    () => refuseLength(body, rules),
    () => {
      const format = body.encoding_format ?? 'float';
      return format === 'float' || format === 'base64'
        ? undefined
        : invalid(`Invalid value: '${String(format)}'. Supported values are: 'float' and 'base64'.`, {
            param: 'encoding_format',
          });
    },
  ]);
}

function refuseLength(body: JsonObject, { length }: Rules): Refusal | undefined {
  const name = length ?? 'dimensions';
  const value = body[name];
  if (value === undefined) return undefined;
  if (length === undefined) return invalid('This model does not support specifying dimensions.', { param: name });
  return typeof value === 'number' && value >= 1
    ? undefined
    : invalid(`${JSON.stringify(value)} is less than the minimum of 1 - 'dimensions'`);
}

function isInput(input: JsonValue | undefined, { tokenIds }: Rules): boolean {
  if (typeof input === 'string') return input !== '';
  if (!Array.isArray(input) || input.length === 0) return false;
  const isText = (entry: JsonValue) => typeof entry === 'string' && entry !== '';
  const isId = (entry: JsonValue) => Number.isInteger(entry);
  if (input.every(isText)) return true;
  return (
    tokenIds && (input.every(isId) || input.every((entry) => asArray(entry).length > 0 && asArray(entry).every(isId)))
  );
}

/** Each input as a text that its vector follows from. */
function inputsOf({ input }: JsonObject): readonly string[] {
  if (typeof input === 'string') return [input];
  const entries = asArray(input);
  if (typeof entries[0] === 'number') return [JSON.stringify(entries)];
  return entries.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
}

const fullLength = 1536;

function answer(body: JsonObject, model: string): JsonObject {
  const wanted = body.dimensions ?? body.output_dimension;
  const dimensions = typeof wanted === 'number' ? wanted : fullLength;
  const texts = inputsOf(body);
  const tokens = texts.reduce((sum, text) => sum + demoTokens(text), 0);
  return {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = demoVector(text, dimensions);
      return { object: 'embedding', index, embedding: body.encoding_format === 'base64' ? base64(vector) : vector };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function base64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
