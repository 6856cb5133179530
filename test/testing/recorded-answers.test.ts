import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/core/json.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { awsEventStream } from '../../src/wire/aws-event-stream-framing.ts';
import { newlineDelimitedJson } from '../../src/wire/ndjson-framing.ts';
import type { StreamFraming } from '../../src/wire/stream-framing.ts';
import { bodyText, type CorpusRecord, describeCorpus, wireEvents } from '../support/corpus.ts';
import { ask } from './support/ask.ts';
import { readStream, readWhole } from './support/read-answer.ts';

let wall: FakeProvider;

beforeAll(async () => {
  wall = await startFakeProvider();
});

afterAll(async () => {
  await wall.close();
});

const folders: readonly (readonly [folder: string, dialect: PlayedDialect])[] = [
  ['openai-chat', 'openai-chat'],
  ['openai-responses', 'openai-responses'],
  ['anthropic-messages', 'anthropic-messages'],
  ['gemini-generate', 'gemini'],
  ['bedrock-converse', 'bedrock-converse'],
  ['ollama-chat', 'ollama-chat'],
  ['cohere-chat-v2', 'cohere-chat'],
];

const declared = { type: 'object', properties: { city: { type: 'string' } } };

/** Questions that make a provider show all it has. */
const questions: Readonly<Record<PlayedDialect, JsonObject>> = {
  'openai-chat': { tools: [{ type: 'function', function: { name: 'f', parameters: declared } }] },
  'openai-responses': {
    include: ['reasoning.encrypted_content'],
    reasoning: { effort: 'low', summary: 'auto' },
    tools: [{ type: 'function', name: 'f', parameters: declared }],
  },
  'anthropic-messages': { thinking: { type: 'adaptive' }, tools: [{ name: 'f', input_schema: declared }] },
  'bedrock-converse': {
    additionalModelRequestFields: { thinking: { type: 'adaptive' } },
    toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: declared } } }] },
  },
  'ollama-chat': { think: true, tools: [{ type: 'function', function: { name: 'f', parameters: declared } }] },
  'cohere-chat': { tools: [{ type: 'function', function: { name: 'f', parameters: declared } }] },
  gemini: {
    generationConfig: { thinkingConfig: { includeThoughts: true } },
    tools: [{ functionDeclarations: [{ name: 'f', parameters: declared }] }],
  },
};

for (const [folder, dialect] of folders) {
  describeCorpus(`the answers of the fake ${dialect} provider`, [folder], (records) => {
    const good = records.filter((record) => record.status === 200);

    it.each(['hello', 'call f'])('to "%s" have only fields that recorded answers have', async (text) => {
      const whole = await ask(wall, { dialect, text, fields: questions[dialect] });
      const recorded = shapes(good.filter((record) => !record.stream).flatMap(parsed));
      expect(unknownTo(recorded, shapes(readWhole(whole).events))).toEqual([]);
    });

    it.each(['hello', 'call f'])('to "%s" as a stream have only fields that recorded events have', async (text) => {
      const stream = await ask(wall, { dialect, text, stream: true, fields: questions[dialect] });
      const recorded = shapes(good.filter((record) => record.stream).flatMap(events));
      const { events: sent } = readStream(stream);
      expect(sent.length).toBeGreaterThan(3);
      expect(unknownTo(recorded, shapes(sent))).toEqual([]);
    });
  });
}

function parsed(record: CorpusRecord): readonly unknown[] {
  return tryParse(bodyText(record));
}

function events(record: CorpusRecord): readonly unknown[] {
  try {
    return wireEvents([record.response.body], framings[record.folder]).flatMap(({ data }) => tryParse(data));
  } catch {
    // Two recorded streams have no proper binary frames.
    return [];
  }
}

const framings: Readonly<Record<string, StreamFraming>> = {
  'bedrock-converse': awsEventStream,
  'ollama-chat': newlineDelimitedJson,
};

function tryParse(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

/** Where values stand, and of which type they are: `choices[].delta.content: string`. Arguments are the caller's own. */
function shapes(values: readonly unknown[]): Set<string> {
  const found = new Set<string>();
  for (const value of values) collect(value, '', found);
  return found;
}

function collect(value: unknown, path: string, found: Set<string>): void {
  if (/(?:\.input|\.args|\.arguments)$/.test(path) && typeof value === 'object') return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${path}[]`, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) collect(member, `${path}.${key}`, found);
  } else {
    found.add(`${path}: ${value === null ? 'null' : typeof value}`);
  }
}

function unknownTo(recorded: ReadonlySet<string>, sent: ReadonlySet<string>): readonly string[] {
  expect(sent.size).toBeGreaterThan(5);
  return [...sent].filter((shape) => !recorded.has(shape));
}
