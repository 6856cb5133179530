import type { CorpusRecord } from './corpus.ts';

/*
 * What is done with each recording: the suite that runs it, or the reason why none does. A test compares this list with
 * the recordings and with the suites.
 */

/** Of what an exchange is made: a request and its answer, or one that was refused and the error it got. */
export type RecordPart = 'request' | 'answer' | 'refused' | 'error';

/** A suite below `test`, or why there is none. */
export type Held = string | { readonly not: string };

export type FolderCoverage = { readonly [Part in RecordPart]?: Held };

/** The suites of a dialect whose recordings stand in several files. */
function recordedIn(folder: string): FolderCoverage {
  return {
    answer: `${folder}/recorded-answers.test.ts`,
    request: `${folder}/recorded-requests.test.ts`,
    refused: `${folder}/recorded-requests.test.ts`,
    error: `${folder}/recorded-errors.test.ts`,
  };
}

/** Requests that were refused stand apart from the answered ones. */
function withRefused(suite: string): FolderCoverage {
  return { ...allIn(suite), refused: 'dialects/refused-requests.test.ts' };
}

function allIn(suite: string): FolderCoverage {
  return { answer: suite, request: suite, refused: suite, error: suite };
}

const openaiChat = recordedIn('dialects/openai-chat');
const openaiResponses = recordedIn('dialects/openai-responses');
const embeddings = recordedIn('dialects/embeddings');
const images = allIn('dialects/images/recorded.test.ts');
const imageErrors = 'dialects/embeddings/recorded-errors.test.ts';
const tokenCounting = allIn('dialects/token-counting.test.ts');
const passedOn = allIn('express/pass-through/recorded.test.ts');

const notSpoken: Held = { not: 'version 1 of the API is not spoken' };
const written = 'nobody asks the gateway in this form: it is what the gateway writes';

/** By folder of the recordings. */
export const coverage: Readonly<Record<string, FolderCoverage>> = {
  'openai-chat': openaiChat,
  'azure-chat': openaiChat,
  'deepseek-chat': openaiChat,
  'gemini-openai': openaiChat,
  'groq-chat': openaiChat,
  'hf-chat': openaiChat,
  'mistral-chat': openaiChat,
  'ollama-openai': openaiChat,
  'openrouter-chat': openaiChat,
  'other-chat': openaiChat,
  'perplexity-chat': openaiChat,
  'selfhosted-chat': openaiChat,
  'together-chat': openaiChat,
  'xai-chat': openaiChat,

  'openai-responses': openaiResponses,
  'azure-responses': openaiResponses,
  'other-responses': openaiResponses,
  'xai-responses': openaiResponses,

  'anthropic-messages': withRefused('dialects/anthropic-messages/corpus.test.ts'),
  'vertex-anthropic': allIn('dialects/anthropic-messages/corpus.test.ts'),
  'bedrock-converse': withRefused('dialects/bedrock-converse/corpus.test.ts'),
  'cohere-chat-v2': withRefused('dialects/cohere-chat/corpus.test.ts'),
  'gemini-generate': recordedIn('dialects/gemini'),
  'ollama-chat': withRefused('dialects/ollama-chat/corpus.test.ts'),

  'openai-embeddings': embeddings,
  'azure-embeddings': embeddings,
  'cohere-embed': embeddings,
  'gemini-embeddings': embeddings,
  'mistral-embeddings': embeddings,
  'ollama-embed': embeddings,
  'ollama-openai-embeddings': embeddings,
  'other-embeddings': embeddings,
  'bedrock-embeddings': { ...embeddings, request: { not: written } },

  'openai-images': { ...images, error: imageErrors },
  'other-images': images,
  'gemini-images': { ...images, error: imageErrors },

  'anthropic-count-tokens': tokenCounting,
  'gemini-count-tokens': tokenCounting,
  models: {
    answer: 'gateway/recorded-models.test.ts',
    request: { not: 'nothing but a name in the path' },
  },

  'azure-completions': passedOn,
  'gemini-interactions': passedOn,
  'ollama-generate': passedOn,
  'openai-completions': passedOn,
  'openai-moderations': passedOn,
  'other-completions': passedOn,
  rerank: passedOn,

  // The dialect's suite holds that it is not: requests are refused, and whole answers are no answers.
  'cohere-chat-v1': { answer: notSpoken, request: notSpoken, refused: notSpoken, error: notSpoken },
  // Only the frames are held: chat goes to Converse, which has one form for all models.
  'bedrock-invoke': {
    answer: 'dialects/bedrock-converse/translations.test.ts',
    request: { not: 'each model has a form of its own, which is neither read nor written for chat' },
    refused: { not: 'each model has a form of its own, which is neither read nor written for chat' },
    error: { not: 'InvokeModel is not asked for chat' },
  },
};

type LeftOut = { readonly [Part in RecordPart]?: string };

const severalStreams: LeftOut = { answer: 'several streams, one after another' };
const jsonArray: LeftOut = { answer: 'a stream without `alt=sse` is one JSON array, which is never asked for' };
const cohereV1: LeftOut = { request: 'version 1 of the API, which no caller is offered' };
const vertexPredict = '`:predict` of Vertex AI, which is written and not read';
const editing = 'edits of pictures are passed on, not read';
const otherModels: LeftOut = { answer: 'a list in a form of its own, which nobody reads' };

/** Recordings that their suite leaves out, by id, with the reason. */
export const leftOut: Readonly<Record<string, LeftOut>> = {
  'openai-responses/dfe223df0a': severalStreams,
  'azure-responses/146533dc78': severalStreams,
  'azure-responses/3e5d0a723a': { answer: 'chunks of chat completions' },
  'openai-responses/0c6fd92095': { answer: 'the recorder changed a path in the whole arguments, not in their pieces' },
  'gemini-generate/1839d944d0': jsonArray,
  'gemini-generate/4b868f8c19': jsonArray,
  'gemini-generate/c7b754919e': jsonArray,
  'gemini-generate/c900f8b0a1': jsonArray,
  'gemini-generate/e4b16d98db': jsonArray,
  'gemini-generate/f7a6e7c025': jsonArray,
  'gemini-generate/fb29fac4b6': jsonArray,
  'gemini-generate/fe13390087': jsonArray,
  'cohere-embed/2e3349b3b3': cohereV1,
  'cohere-embed/3885b66621': cohereV1,
  'cohere-embed/3a7ade22a0': cohereV1,
  'cohere-embed/3c754feb55': cohereV1,
  'cohere-embed/61db27bcfc': cohereV1,
  'cohere-embed/7adf6c8510': cohereV1,
  'cohere-embed/a689297e84': cohereV1,
  'gemini-embeddings/4d9b75c0f3': { refused: vertexPredict },
  'gemini-embeddings/8904afc856': { request: vertexPredict },
  'bedrock-embeddings/fec84ce079': { answer: 'a proxy in front of Bedrock answered, in a form of its own' },
  'openai-images/6595d71c96': { refused: editing },
  'openai-images/791f8ac5e8': { request: editing },
  'openai-images/ec377fd17c': { request: editing },
  'other-images/50f5384da3': { request: editing },
  'models/2fa402a43f': otherModels,
  'models/5cecc90693': otherModels,
  'models/b27a201af2': otherModels,
  'models/c4fb6db324': otherModels,
};

/** What a recording is made of. */
export function partsOf({ request, status }: CorpusRecord): readonly RecordPart[] {
  const failed = status >= 400;
  const reply = failed ? 'error' : 'answer';
  return request === undefined ? [reply] : [failed ? 'refused' : 'request', reply];
}

/** Whether its suite has to run this part of a recording. */
export function isRun({ id }: CorpusRecord, part: RecordPart): boolean {
  return leftOut[id]?.[part] === undefined;
}
