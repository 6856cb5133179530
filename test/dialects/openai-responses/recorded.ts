import type { CorpusRecord } from '../../support/corpus.ts';

/** Every folder of recordings in this dialect. */
export const recordedFolders = ['openai-responses', 'azure-responses', 'xai-responses', 'other-responses'];

/** Recordings that hold no answer of this dialect, or one that failed, with the kind of the failure. */
export const recordedFaults: Readonly<Record<string, string>> = {
  'openai-responses/4532208b05-stream-err-midstream.json': 'server_error',
  'openai-responses/88e58175bf-stream-err-midstream.json': 'rate_limit',
};

/** Streams that are not one stream of this dialect. */
const otherStreams: readonly string[] = [
  // Several streams, one after another.
  'openai-responses/dfe223df0a-stream-tool-calls-parallel-tool-call-reasoning.json',
  'azure-responses/146533dc78-stream-tool-calls-parallel-tool-call-reasoning.json',
  // Chunks of chat completions.
  'azure-responses/3e5d0a723a-stream-misc.json',
  // The recorder changed a path in the whole arguments, but not in their pieces.
  'openai-responses/0c6fd92095-stream-tool-result-tool-call-cache-read.json',
];

export function isAnswer(record: CorpusRecord): boolean {
  if (otherStreams.includes(record.file)) return false;
  return record.digest?.kind === 'chat' && recordedFaults[record.file] === undefined;
}
