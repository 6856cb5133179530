import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { inputsOf, refuseEmbed } from '../cohere-chat/embeddings.ts';
import { demoTokens, demoVector } from '../demo-vectors.ts';
import type { Refusal, WholeRoute, WireRequest } from '../personality.ts';

const paths = /^\/model\/([^/]+)\/invoke$/;

/** Embedding models by InvokeModel: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html */
export function invokeRoute({ path }: WireRequest): WholeRoute | undefined {
  const match = paths.exec(path);
  if (match === null) return undefined;
  const model = decodeURIComponent(match[1] ?? '');
  if (model.includes('cohere.embed')) return { operation: 'embeddings', model, refuse: cohereRefusal, answer: cohere };
  if (model.includes('nova')) return { operation: 'embeddings', model, refuse: novaRefusal, answer: nova };
  return { operation: 'embeddings', model, refuse: (request) => titanRefusal(request, model), answer: titan };
}

function malformed(message: string): Refusal {
  return { status: 400, type: 'ValidationException', message: `Malformed input request: ${message}` };
}

const titanLength = 1024;

function titanRefusal({ json }: WireRequest, model: string): Refusal | undefined {
  const body = asObject(json) ?? {};
  const members = model.includes('-v1') ? ['inputText'] : ['inputText', 'dimensions', 'normalize', 'embeddingTypes'];
  const unknown = Object.keys(body).find((key) => !members.includes(key));
  if (unknown !== undefined) return malformed(`#: extraneous key [${unknown}] is not permitted`);
  return asString(body.inputText) ? undefined : malformed('#: required key [inputText] not found');
}

function titan({ inputText, dimensions }: JsonObject): JsonObject {
  const text = asString(inputText) ?? '';
  return {
    embedding: demoVector(text, typeof dimensions === 'number' ? dimensions : titanLength),
    inputTextTokenCount: demoTokens(text),
  };
}

const novaLength = 3072;

function novaRefusal({ json }: WireRequest): Refusal | undefined {
  const body = asObject(json);
  const params = asObject(body?.singleEmbeddingParams);
  if (body?.taskType !== 'SINGLE_EMBEDDING' || params === undefined) return malformed('taskType is not valid');
  if (asString(params.embeddingPurpose) === undefined) return malformed('embeddingPurpose is required');
  return params.text === undefined && params.image === undefined ? malformed('one input is required') : undefined;
}

function nova({ singleEmbeddingParams }: JsonObject): JsonObject {
  const params = asObject(singleEmbeddingParams);
  const text = asString(asObject(params?.text)?.value) ?? JSON.stringify(params?.image);
  const wanted = params?.embeddingDimension;
  const embedding = demoVector(text, typeof wanted === 'number' ? wanted : novaLength);
  return { embeddings: [{ embeddingType: 'TEXT', embedding }] };
}

function cohereRefusal({ json }: WireRequest): Refusal | undefined {
  const body = asObject(json) ?? {};
  if (body.model !== undefined) return malformed('#: extraneous key [model] is not permitted');
  return refuseEmbed(body);
}

function cohere(body: JsonObject): JsonObject {
  const wanted = body.output_dimension;
  const vectors = inputsOf(body).map((text) => demoVector(text, typeof wanted === 'number' ? wanted : titanLength));
  return {
    id: '00000000-0000-4000-8000-000000000000',
    texts: asArray(body.texts),
    embeddings: { float: vectors },
    response_type: 'embeddings_by_type',
  };
}
