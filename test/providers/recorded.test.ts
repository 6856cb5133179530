import { isDeepStrictEqual } from 'node:util';
import { expect, it } from '@jest/globals';
import { asString, type JsonObject } from '../../src/core/json.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { openaiChat } from '../../src/dialects/openai-chat/index.ts';
import { findProvider } from '../../src/providers/registry.ts';
import { recordedFaults, recordedVariants } from '../dialects/openai-chat/recorded.ts';
import {
  bodyText,
  type CorpusRecord,
  type Digest,
  decodeStream,
  describeCorpus,
  digestOf,
  digestOfEvents,
} from '../support/corpus.ts';

/** Who serves the recordings of a folder, as it is configured here. */
const providerOf: Readonly<Record<string, string>> = {
  'openai-chat': 'openai',
  'azure-chat': 'azure',
  'mistral-chat': 'mistral',
  'groq-chat': 'groq',
  'deepseek-chat': 'deepseek',
  'together-chat': 'together',
  'hf-chat': 'hugging-face',
  // Servers and hosts without a name here.
  'selfhosted-chat': 'openai-compatible',
  'other-chat': 'openai-compatible',
  'openrouter-chat': 'openai-compatible',
  'perplexity-chat': 'openai-compatible',
  'xai-chat': 'openai-compatible',
  'gemini-openai': 'openai-compatible',
  'ollama-openai': 'openai-compatible',
};

function dialectOf(name: string): Dialect {
  const provider = findProvider(name);
  if (provider === undefined) throw new Error(name);
  return provider.dialect;
}

function read(record: CorpusRecord, dialect: Dialect): Digest {
  if (record.stream) return digestOfEvents(decodeStream(dialect.stream.decoder(), [record.response.body]));
  const decoded = dialect.response.decode(JSON.parse(bodyText(record)));
  if ('fault' in decoded) throw new Error(`${record.file} was read as a fault`);
  return digestOf(decoded.answer);
}

/** Parameters that a vendor takes without a word and ignores: they are dropped on purpose, and reported. */
const ignored: Readonly<Record<string, readonly string[]>> = {
  // https://api-docs.deepseek.com/api/create-chat-completion has none of them.
  deepseek: ['parallel_tool_calls', 'seed', 'user'],
  // OpenRouter's entries hold what only the provider of a model can read, whom nobody knows here.
  'openai-compatible': ['reasoning_content'],
  // One caller's image part has the members of a text part, too.
  'hugging-face': ['messages.image_url', 'messages.text'],
};

for (const [folder, name] of Object.entries(providerOf)) {
  describeCorpus(`${name} and the recordings of ${folder}`, [folder], (records) => {
    it('reads every answer as the vendor meant it', () => {
      // What each answer means is held against the recording where the dialect is tested.
      // Behind any host there may be xAI's models, whose reasoning is counted apart.
      const anyHost = name === 'openai-compatible' ? ({ reasoningTokens: 'beside-completion' } as const) : {};
      const tested = openaiChat({ ...recordedVariants[folder], ...anyHost });
      const answers = records.filter(
        ({ digest, file }) => digest?.kind === 'chat' && recordedFaults[file] === undefined,
      );
      expect(answers.length).toBeGreaterThan(0);
      for (const record of answers) {
        const [found, expected] = [read(record, dialectOf(name)), read(record, tested)];
        if (!isDeepStrictEqual(found, expected)) expect({ file: record.file, ...found }).toEqual(expected);
      }
    });

    it('sends all that the vendor took from its callers', () => {
      const dropped = new Set<string>();
      for (const { request, status } of records) {
        const body: JsonObject = request === undefined || status !== 200 ? {} : JSON.parse(request.body);
        const model = asString(body.model);
        // Azure's older paths name the deployment, which tells nothing of the model.
        if (model === undefined) continue;
        const decoded = openaiChat().request.decode(body, {});
        for (const parameter of dialectOf(name).request.encode(decoded, { model }).dropped) dropped.add(parameter);
      }
      expect([...dropped].filter((parameter) => !ignored[name]?.includes(parameter))).toEqual([]);
    });
  });
}
