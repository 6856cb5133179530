import type { CorpusRecord } from '../../support/corpus.ts';
import { isRun } from '../../support/corpus-coverage.ts';

/** Every folder of recordings in this dialect. */
export const recordedFolders = ['openai-responses', 'azure-responses', 'xai-responses', 'other-responses'];

/** Recordings that hold no answer of this dialect, or one that failed, with the kind of the failure. */
export const recordedFaults: Readonly<Record<string, string>> = {
  'openai-responses/4532208b05-stream-err-midstream.json': 'server_error',
  'openai-responses/88e58175bf-stream-err-midstream.json': 'rate_limit',
};

export function isAnswer(record: CorpusRecord): boolean {
  return isRun(record, 'answer') && record.digest?.kind === 'chat' && recordedFaults[record.file] === undefined;
}
