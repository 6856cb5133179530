import type { OpenAIChatVariant } from '../../../src/dialects/openai-chat/index.ts';
import type { CorpusRecord } from '../../support/corpus.ts';

/** Every folder of recordings in this dialect, with what its providers do differently when they answer. */
export const recordedVariants: Readonly<Record<string, OpenAIChatVariant>> = {
  'openai-chat': {},
  'mistral-chat': {},
  'groq-chat': {},
  'deepseek-chat': {},
  'together-chat': {},
  'ollama-openai': {},
  'hf-chat': { doneMarker: 'optional' },
  'selfhosted-chat': { doneMarker: 'optional' },
  'openrouter-chat': {},
  'perplexity-chat': { doneMarker: 'optional' },
  'xai-chat': { reasoningTokens: 'beside-completion' },
  'gemini-openai': {},
  'azure-chat': {},
  'other-chat': { doneMarker: 'optional', finishReason: 'optional' },
};

export const recordedFolders = Object.keys(recordedVariants);

export function variantOf(record: CorpusRecord): OpenAIChatVariant {
  return recordedVariants[record.folder] ?? {};
}

/** Recordings that end in a failure instead of an answer, with its kind. */
export const recordedFaults: Readonly<Record<string, string>> = {
  // Cut inside a line of JSON.
  'openai-chat/f326b66637-stream-stream-truncated-inside-a-json-line.json': 'invalid_response',
  // `event: error`: the model wrote a tool call that its tool does not take.
  'groq-chat/9b6ea3f1aa-stream-err-midstream-reasoning-system.json': 'invalid_response',
  // An error beside the last choice.
  'openrouter-chat/f19beee205-stream-err-midstream-tool-calls-parallel-tool-call.json': 'server_error',
  // A proxy's echo of the request, with status 200.
  'other-chat/ece357590c-json-misc.json': 'invalid_response',
};
