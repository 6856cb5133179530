import { expect, it } from '@jest/globals';
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts';
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts';
import { bedrockConverse } from '../../src/dialects/bedrock-converse/index.ts';
import { cohereChat } from '../../src/dialects/cohere-chat/index.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { ollamaChat } from '../../src/dialects/ollama-chat/index.ts';
import { describeCorpus } from '../support/corpus.ts';
import { equivalentRequest as equivalentAnthropic } from './anthropic-messages/equivalent.ts';
import { equivalentRequest as equivalentBedrock } from './bedrock-converse/equivalent.ts';
import { equivalentRequest as equivalentCohere } from './cohere-chat/equivalent.ts';
import { deepFreeze } from './contract/deep-freeze.ts';
import { equivalentRequest as equivalentOllama } from './ollama-chat/equivalent.ts';

/*
 * Requests that a provider has refused are read like any other: what is wrong with most of them is the key, the model or a
 * value, and only the provider knows. The other dialects' suites have theirs among the answered ones.
 */

interface Reading {
  readonly folder: string;
  readonly dialect: Dialect;
  readonly equivalent: (body: JsonObject) => unknown;
}

const readings: readonly Reading[] = [
  { folder: 'anthropic-messages', dialect: anthropicMessages(), equivalent: equivalentAnthropic },
  { folder: 'bedrock-converse', dialect: bedrockConverse(), equivalent: equivalentBedrock },
  { folder: 'cohere-chat-v2', dialect: cohereChat(), equivalent: equivalentCohere },
  { folder: 'ollama-chat', dialect: ollamaChat(), equivalent: equivalentOllama },
];

/** What we refuse ourselves, with the parameter that is blamed. */
const refusedHere: Readonly<Record<string, string>> = {
  // A message that is a bare text.
  'anthropic-messages/dbe91ebf20-json-err400.json': 'messages.0',
  // One empty text, and nothing else.
  'anthropic-messages/8798fa481e-json-err400.json': 'messages',
};

/** A schema that is no object. No dialect has a place for it, and Anthropic refuses it: it goes out as the empty one. */
const repaired = 'anthropic-messages/046105ead0-json-err400.json';
const emptySchema = { type: 'object', properties: {} };

for (const { folder, dialect, equivalent } of readings) {
  describeCorpus(`requests that were refused: ${folder}`, [folder], (records) => {
    const refused = records.filter(({ request, status }) => request !== undefined && status >= 400);

    it.each(refused.map((record) => [record.file, record] as const))('%s is read all the same', (file, record) => {
      const body: JsonObject = deepFreeze(JSON.parse(record.request?.body ?? ''));
      const origin = { model: record.model ?? '', stream: record.stream };
      const param = refusedHere[file];
      const written = () => {
        const decoded = deepFreeze(dialect.request.decode(body, origin));
        return dialect.request.encode(decoded, { model: decoded.model });
      };
      if (param !== undefined) {
        expect(written).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
        return;
      }
      const expected = file === repaired ? withSchema(body) : body;
      const encoded = written();
      expect({ dropped: encoded.dropped, body: equivalent(encoded.body) }).toEqual({
        dropped: [],
        body: equivalent(expected),
      });
    });
  });
}

function withSchema(body: JsonObject): JsonObject {
  return { ...body, tools: asArray(body.tools).map((tool) => ({ ...asObject(tool), input_schema: emptySchema })) };
}
