import { expect, it } from '@jest/globals';
import { asArray, asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { providerState } from '../../../src/dialects/openai-responses/state.ts';
import { type CorpusRecord, describeCorpus } from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { recordedFolders } from './recorded.ts';

/** Takes every parameter of every model. */
const { request } = openaiResponses({ parameters: 'all', modelRules: [], leastOutputTokens: 1 });

function requestBody(record: CorpusRecord): JsonObject | undefined {
  const body: unknown = record.request === undefined ? undefined : JSON.parse(record.request.body);
  return asObject(body);
}

describeCorpus('recorded requests', recordedFolders, (records) => {
  const bodies = records.flatMap((record) => {
    const body = requestBody(record);
    return body === undefined ? [] : [{ file: record.file, body }];
  });

  for (const { file, body } of bodies) {
    const state = providerState(body);
    if (state !== undefined) {
      it(`sends ${file}, which refers to what the provider keeps, as it is or not at all`, () => {
        expect(() => request.decode(deepFreeze(body), {})).toThrow(
          expect.objectContaining({ code: 'unsupported_parameter', status: 400, param: state.param }),
        );
        expect(request.passThrough(body, { model: 'other' })).toEqual([['model', '"other"']]);
      });
      continue;
    }

    it(`writes ${file} as it was`, () => {
      const decoded = request.decode(deepFreeze(body), {});
      const encoded = request.encode(deepFreeze(decoded), { model: decoded.model });
      expect(normalised(encoded.body)).toEqual(normalised(body));
      expect(encoded.dropped).toEqual([]);
    });

    it(`passes ${file} through with the same meaning`, () => {
      const splices = request.passThrough(deepFreeze(body), { model: 'other' });
      // What belongs to tools, without tools.
      const isTranslated = body.tools === undefined && body.parallel_tool_calls !== undefined;
      expect(splices === undefined).toBe(isTranslated);
      if (splices === undefined) return;
      const spliced = {
        ...body,
        ...Object.fromEntries(splices.map(([key, value]) => [key, JSON.parse(value ?? 'null')])),
      };
      expect(request.decode(spliced, {})).toEqual({ ...request.decode(body, {}), model: 'other' });
    });
  }
});

// ---- Two ways to write the same ----

/** The request with everything that can be written in two ways written in one, and without what says nothing. */
function normalised(body: JsonObject): JsonValue {
  const {
    store,
    truncation,
    include,
    stream,
    stream_options: _,
    tools,
    tool_choice: choice,
    parallel_tool_calls: parallel,
    instructions,
    ...rest
  } = body;
  const hasTools = asArray(tools).length > 0;
  return withoutNothing({
    ...rest,
    // Nothing is kept unless that is asked for.
    store: store === true,
    truncation: truncation === 'disabled' ? null : truncation,
    stream: stream === true,
    // Asked for by itself where there is reasoning.
    include: asArray(include).filter((word) => word !== 'reasoning.encrypted_content'),
    tools: asArray(tools).map((tool) => normalisedTool(asObject(tool) ?? {})),
    tool_choice: hasTools ? choice : null,
    parallel_tool_calls: hasTools ? parallel : null,
    input: [...instructionItems(instructions), ...items(body.input)],
  });
}

function instructionItems(instructions: JsonValue | undefined): JsonObject[] {
  return typeof instructions === 'string' ? [message('system', instructions)] : [];
}

function message(role: JsonValue | undefined, text: string): JsonObject {
  return { type: 'message', role, content: [{ text }] };
}

function items(input: JsonValue | undefined): JsonValue[] {
  if (typeof input === 'string') return [message('user', input)];
  const merged: JsonObject[] = [];
  for (const item of asArray(input)) {
    const next = normalisedItem(asObject(item) ?? {});
    const last = merged.at(-1);
    // Texts of the model that follow each other are one turn.
    const joins = last?.role === 'assistant' && next.role === 'assistant' && next.id === undefined;
    if (joins) merged[merged.length - 1] = { ...last, content: [...asArray(last.content), ...asArray(next.content)] };
    else merged.push(next);
  }
  return merged;
}

/** How far a message or a call had come says nothing; all other items travel as they are. */
function normalisedItem(item: JsonObject): JsonObject {
  const { status: _status, id: _id, ...rest } = item;
  switch (item.type ?? 'message') {
    case 'message':
      return { ...rest, ...idOf(item), type: 'message', content: parts(item.content) };
    case 'function_call':
      return { ...rest, ...idOf(item) };
    case 'function_call_output':
      return { ...rest, output: parts(item.output) };
    default:
      return item;
  }
}

function idOf({ id }: JsonObject): JsonObject {
  return id === undefined ? {} : { id };
}

function parts(content: JsonValue | undefined): JsonValue[] {
  if (typeof content === 'string') return [{ text: content }];
  return asArray(content).map((part) => {
    const { type, annotations: _annotations, logprobs: _logprobs, ...rest } = asObject(part) ?? {};
    return /_text$/.test(String(type)) ? rest : { type, ...rest };
  });
}

/** Some clients write the function apart, as in chat completions. */
function normalisedTool(tool: JsonObject): JsonObject {
  if (tool.type !== 'function') return tool;
  const { function: _, strict, ...flat } = { ...asObject(tool.function), ...tool };
  return { parameters: { type: 'object', properties: {} }, ...flat, strict: strict === true };
}

function withoutNothing(value: JsonObject): JsonValue {
  return JSON.parse(JSON.stringify(value), (_key, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const said = Object.entries(inner).filter(
      ([, member]) => member !== null && member !== undefined && !isEmpty(member),
    );
    return Object.fromEntries(said);
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
