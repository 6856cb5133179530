import { asArray, asObject, type JsonValue } from '../../core/json.ts';
import { demoVector } from '../demo-vectors.ts';
import type { Refusal, WholeRoute, WireRequest } from '../personality.ts';
import { invalid } from './invalid.ts';

const paths = /^\/hf-inference\/models\/(.+)\/pipeline\/feature-extraction$/;
const members: ReadonlySet<string> = new Set([
  'inputs',
  'normalize',
  'truncate',
  'truncation_direction',
  'prompt_name',
]);

/** Hugging Face's task: https://huggingface.co/docs/inference-providers/tasks/feature-extraction */
export function featureExtractionRoute({ path }: WireRequest): WholeRoute | undefined {
  const model = paths.exec(path)?.[1];
  if (model === undefined) return undefined;
  return {
    operation: 'embeddings',
    model: decodeURIComponent(model),
    refuse,
    answer: ({ inputs }) => vectorsOf(inputs),
  };
}

function refuse({ json }: WireRequest): Refusal | undefined {
  const body = asObject(json) ?? {};
  const unknown = Object.keys(body).find((key) => !members.has(key));
  if (unknown !== undefined) return invalid(`Unknown parameter: ${unknown}`);
  return asArray(body.inputs).length > 0 || typeof body.inputs === 'string' ? undefined : invalid('Missing inputs');
}

const fullLength = 384;

function vectorsOf(inputs: JsonValue | undefined): JsonValue {
  const texts = typeof inputs === 'string' ? [inputs] : asArray(inputs);
  return texts.map((text) => demoVector(String(text), fullLength));
}
