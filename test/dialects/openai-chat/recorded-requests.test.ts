import { expect, it } from '@jest/globals';
import { asArray, asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { type OpenAIChatVariant, openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import type { Splice } from '../../../src/wire/splice-json.ts';
import { type CorpusRecord, describeCorpus } from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { recordedFolders } from './recorded.ts';

/** Requests that providers answered with a 4xx because they mean nothing: we refuse them ourselves. */
const refused: Readonly<Record<string, string>> = {
  'openai-chat/abebd721e8': 'messages',
};

/** Writes everything there is. */
const tolerant: OpenAIChatVariant = {
  parameters: 'all',
  extraFields: 'all',
  reasoningHistory: 'reasoning_content',
  toolResultMedia: true,
  modelRules: [],
};

const writers: Readonly<Record<string, OpenAIChatVariant>> = {
  'deepseek-chat': { ...tolerant, reasoningParameter: 'thinking' },
  'openrouter-chat': { ...tolerant, reasoningParameter: 'object', reasoningDetails: true },
  'other-chat': { ...tolerant, reasoningParameter: 'object', reasoningDetails: true },
};

function requestBody(record: CorpusRecord): JsonObject | undefined {
  const body: unknown = record.request === undefined ? undefined : JSON.parse(record.request.body);
  return asObject(body);
}

describeCorpus('recorded requests', recordedFolders, (records) => {
  for (const record of records) {
    const body = requestBody(record);
    if (body === undefined) continue;
    const { request } = openaiChat(writers[record.folder] ?? tolerant);
    const origin = { model: record.model ?? 'deployment' };
    const param = refused[record.id];
    if (param !== undefined) {
      it(`refuses ${record.file}`, () => {
        expect(() => request.decode(body, origin)).toThrow(expect.objectContaining({ param }));
      });
      continue;
    }

    it(`writes ${record.file} as it was`, () => {
      const decoded = request.decode(deepFreeze(body), origin);
      const encoded = request.encode(deepFreeze(decoded), { model: decoded.model });
      expect(normalised(encoded.body)).toEqual(normalised({ ...body, model: decoded.model }));
      expect(encoded.dropped).toEqual([]);
    });
  }
});

describeCorpus('recorded requests to OpenAI', ['openai-chat'], (records) => {
  const { request } = openaiChat();
  const bodies = records.flatMap((record) => {
    const body = requestBody(record);
    return body === undefined || refused[record.id] !== undefined ? [] : [{ file: record.file, body }];
  });

  for (const { file, body } of bodies) {
    it(`passes ${file} through only with the meaning it would be encoded with`, () => {
      const target = { model: String(body.model) };
      const splices = request.passThrough(deepFreeze(body), target);
      if (splices === undefined) return;
      const encoded = request.encode(request.decode(body, {}), target).body;
      const meaning = request.decode(encoded, {});
      expect(request.decode(withSplices(body, splices), {})).toEqual(meaning);
    });
  }

  it('passes nearly all of them through', () => {
    const passed = bodies.filter(({ body }) => request.passThrough(body, { model: String(body.model) }) !== undefined);
    expect(passed.length / bodies.length).toBeGreaterThan(0.9);
  });
});

function withSplices(body: JsonObject, splices: readonly Splice[]): JsonObject {
  const members = new Map(Object.entries(body));
  for (const [key, value] of splices) {
    if (value === undefined) members.delete(key);
    else members.set(key, JSON.parse(value));
  }
  return Object.fromEntries(members);
}

// ---- Two ways to write the same ----

/** The request with everything that can be written in two ways written in one. */
function normalised(body: JsonObject): JsonValue {
  const {
    stream_options: _streamOptions,
    include_reasoning: includeReasoning,
    response_format: responseFormat,
    // The gateway's own.
    models: _models,
    options: _options,
    max_tokens: maxTokens,
    max_completion_tokens: maxCompletionTokens = maxTokens,
    random_seed: randomSeed,
    seed = randomSeed,
    stop,
    stream,
    messages,
    tools,
    tool_choice: toolChoice,
    parallel_tool_calls: parallelToolCalls,
    ...rest
  } = body;
  const { reasoning, thinking, reasoning_effort: effort, ...others } = rest;
  const { effort: objectEffort, exclude = isFalse(includeReasoning), ...reasoningObject } = asObject(reasoning) ?? {};
  const hasTools = asArray(tools).length > 0;
  return withoutNulls({
    ...others,
    thinking,
    effort: effort ?? objectEffort,
    exclude,
    reasoning: Object.keys(reasoningObject).length === 0 ? null : reasoningObject,
    response_format: normalisedFormat(responseFormat),
    max_completion_tokens: maxCompletionTokens,
    seed,
    stop: typeof stop === 'string' ? [stop] : stop,
    stream: stream === true,
    messages: asArray(messages).map(normalisedMessage),
    ...(hasTools && {
      tools: asArray(tools).map((tool) => ({ type: 'function', ...asObject(tool) })),
      tool_choice: normalisedChoice(toolChoice),
      parallel_tool_calls: parallelToolCalls,
    }),
  });
}

function isFalse(value: JsonValue | undefined): boolean | undefined {
  return typeof value === 'boolean' ? !value : undefined;
}

/** OpenAI wants a name for a schema; others do not. */
function normalisedFormat(format: JsonValue | undefined): JsonValue | undefined {
  const schema = asObject(asObject(format)?.json_schema);
  return schema === undefined ? format : { type: 'json_schema', json_schema: { name: 'answer', ...schema } };
}

function normalisedChoice(choice: JsonValue | undefined): JsonValue | undefined {
  if (choice === 'any') return 'required';
  const named = asObject(choice);
  const name = asObject(named?.function)?.name ?? named?.name;
  return name === undefined ? choice : { type: 'function', function: { name } };
}

function normalisedMessage(message: JsonValue): JsonValue {
  const { reasoning, reasoning_content: named, reasoning_details: details, ...rest } = asObject(message) ?? {};
  const calls = asArray(rest.tool_calls).map(normalisedCall);
  const { content, thinking } = normalisedContent(rest.content);
  const told = asArray(details).map((detail) => asObject(detail)?.text ?? asObject(detail)?.summary ?? '');
  return withoutNulls({
    ...rest,
    reasoning: thinking ?? (named || reasoning || told.join('') || null),
    opaque: asArray(details).flatMap((detail) => asObject(detail)?.signature ?? asObject(detail)?.data ?? []),
    tool_calls: calls,
    content: content === '' || content === undefined ? null : content,
  });
}

function normalisedCall(call: JsonValue): JsonValue {
  const { index: _, ...rest } = asObject(call) ?? {};
  const called = asObject(rest.function);
  return { ...rest, function: { ...called, arguments: called?.arguments === '' ? '{}' : called?.arguments } };
}

function normalisedContent(content: JsonValue | undefined): { content?: JsonValue | undefined; thinking?: string } {
  if (!Array.isArray(content)) return { content };
  const thinking = content.flatMap((part) => {
    const texts = asObject(part)?.type === 'thinking' ? asArray(asObject(part)?.thinking) : [];
    return texts.map((text) => String(asObject(text)?.text));
  });
  const said = content.filter((part) => asObject(part)?.type !== 'thinking').map(normalisedPart);
  const [only] = said;
  const text = said.length === 1 && Object.keys(only ?? {}).length === 2 ? only?.text : undefined;
  return { content: text ?? said, ...(thinking.length > 0 && { thinking: thinking.join('') }) };
}

function normalisedPart(part: JsonValue): JsonObject {
  const object = asObject(part) ?? {};
  const url = object.image_url;
  return typeof url === 'string' ? { ...object, image_url: { url } } : object;
}

/** Null and nothing mean the same, and so do empty lists of what an SDK sends back. */
function withoutNulls(object: JsonObject): JsonObject {
  const meaningful = Object.entries(object).filter(
    ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(meaningful);
}
