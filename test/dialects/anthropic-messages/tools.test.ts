import { describe, expect, it } from '@jest/globals';
import { asArray, asObject } from '../../../src/core/json.ts';
import type { Message, Tool, ToolChoice } from '../../../src/dialects/canonical.ts';
import { encode, hello, result } from './encode.ts';
import { citySchema } from './samples.ts';

const weather: Tool = { type: 'function', name: 'weather', description: 'Weather', parameters: citySchema };
const now: Tool = { type: 'function', name: 'now' };
const tools = [weather, now];

function choiceOf(toolChoice: ToolChoice | undefined, model?: string) {
  const request = toolChoice === undefined ? { tools } : { tools, toolChoice };
  const { body, dropped } = encode(request, model);
  return {
    choice: body.tool_choice,
    names: asArray(body.tools).map((tool) => asObject(tool)?.name),
    dropped,
  };
}

describe('tool choice', () => {
  const all = ['weather', 'now'];
  const table: readonly (readonly [ToolChoice | undefined, unknown, readonly string[]])[] = [
    [undefined, undefined, all],
    [{ type: 'auto' }, { type: 'auto' }, all],
    [{ type: 'none' }, { type: 'none' }, all],
    [{ type: 'required' }, { type: 'any' }, all],
    [{ type: 'required', names: ['now'] }, { type: 'any' }, ['now']],
    [{ type: 'allowed', names: ['now'] }, { type: 'auto' }, ['now']],
    [{ type: 'tool', name: 'weather' }, { type: 'tool', name: 'weather' }, all],
  ];
  for (const [given, choice, names] of table) {
    it(`sends ${JSON.stringify(given)} as ${JSON.stringify(choice)}`, () => {
      expect(choiceOf(given)).toEqual({ choice, names, dropped: [] });
    });
  }

  it('becomes auto among the named tools where the model takes no forced call', () => {
    const dropped = ['tool_choice'];
    expect(choiceOf({ type: 'tool', name: 'now' }, 'claude-opus-5-5')).toEqual({
      choice: { type: 'auto' },
      names: ['now'],
      dropped,
    });
    expect(choiceOf({ type: 'required' }, 'claude-sonnet-5-5')).toEqual({
      choice: { type: 'auto' },
      names: all,
      dropped,
    });
  });

  it('is left out without tools, and reported when it forced one', () => {
    const none = encode({ toolChoice: { type: 'auto' }, parallelToolCalls: false });
    expect(none).toMatchObject({ dropped: [], body: expect.not.objectContaining({ tool_choice: expect.anything() }) });
    expect(encode({ toolChoice: { type: 'required' } }).dropped).toEqual(['tool_choice']);
  });
});

describe('parallel calls', () => {
  const oneByOne = { tools, parallelToolCalls: false };

  it('are turned off within the choice, which is auto unless the caller made one', () => {
    expect(encode(oneByOne).body.tool_choice).toEqual({ type: 'auto', disable_parallel_tool_use: true });
    expect(encode({ ...oneByOne, toolChoice: { type: 'required' } }).body.tool_choice).toEqual({
      type: 'any',
      disable_parallel_tool_use: true,
    });
  });

  it('need no turning off where no tool may be called', () => {
    expect(encode({ ...oneByOne, toolChoice: { type: 'none' } }).body.tool_choice).toEqual({ type: 'none' });
  });

  it('are not mentioned when they are allowed', () => {
    expect(encode({ tools, parallelToolCalls: true }).body).not.toHaveProperty('tool_choice');
  });
});

describe('tools', () => {
  it('have a schema even without parameters, and a type in it', () => {
    const untyped: Tool = { type: 'function', name: 'untyped', parameters: { properties: {} } };
    expect(encode({ tools: [now, untyped] }).body.tools).toEqual([
      { name: 'now', input_schema: { type: 'object', properties: {} } },
      { name: 'untyped', input_schema: { type: 'object', properties: {} } },
    ]);
  });

  it('that another provider runs are reported', () => {
    const search: Tool = { type: 'provider', dialect: 'gemini', data: { googleSearch: {} } };
    const { body, dropped } = encode({ tools: [search, now] });
    expect(body.tools).toHaveLength(1);
    expect(dropped).toEqual(['tools']);
  });

  it('are strict where the model can, within the limits of strict schemas', () => {
    const limited = { ...citySchema, properties: { city: { type: 'string', minLength: 2 } } };
    const strict: Tool = { type: 'function', name: 'weather', strict: true, parameters: limited };
    expect(encode({ tools: [strict] })).toMatchObject({
      body: {
        tools: [{ strict: true, input_schema: { properties: { city: { description: 'Limits: minLength 2' } } } }],
      },
      dropped: ['tools.function.parameters'],
    });
    expect(encode({ tools: [strict] }, 'claude-3-5-haiku-latest')).toMatchObject({
      body: { tools: [{ name: 'weather', input_schema: limited }] },
      dropped: ['tools.function.strict'],
    });
  });
});

describe('calls in history', () => {
  function call(id: string, argumentsText: string): Message {
    return { role: 'assistant', parts: [{ type: 'tool-call', id, name: 'weather', arguments: argumentsText }] };
  }

  function inputOf(argumentsText: string) {
    const { turns, dropped } = encode({ messages: [hello, call('a', argumentsText), result('a', 'x')] });
    return { input: asObject(asArray(turns[1]?.content)[0])?.input, dropped };
  }

  it('carry their arguments as an object', () => {
    expect(inputOf('{"city":"Paris","n":1}')).toEqual({ input: { city: 'Paris', n: 1 }, dropped: [] });
    expect(inputOf('')).toEqual({ input: {}, dropped: [] });
    expect(inputOf('  ')).toEqual({ input: {}, dropped: [] });
  });

  it('whose arguments broke off, or are no object, carry none, and this is reported', () => {
    const dropped = ['tool_calls.function.arguments'];
    for (const broken of ['{"city":"Par', '{"path":"/tmp/x', '[1]', 'null', '"x"', 'nonsense', '{']) {
      expect(inputOf(broken)).toEqual({ input: {}, dropped });
    }
  });

  it('keep ids the API takes and rename others, calls and results alike', () => {
    const ids = ['toolu_01A-b', 'functions.get_weather:0', 'functions_get_weather_0', 'x'.repeat(65), '', '\u00e9'];
    const { turns } = encode({
      messages: [hello, ...ids.flatMap((id) => [call(id, '{}'), result(id, 'x')])],
    });
    const calls = turns
      .filter(({ role }) => role === 'assistant')
      .map(({ content }) => asObject(asArray(content)[0])?.id);
    const results = turns.slice(1).filter(({ role }) => role === 'user');
    expect(results.map(({ content }) => asObject(asArray(content)[0])?.tool_use_id)).toEqual(calls);
    expect(new Set(calls).size).toBe(ids.length);
    for (const id of calls) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect([calls[0], calls[2]]).toEqual([ids[0], ids[2]]);
  });

  it('give the same names to the same ids in every request', () => {
    const messages = [hello, call('a:b', '{}'), result('a:b', 'x')];
    expect(encode({ messages }).body).toEqual(encode({ messages }).body);
  });

  it('keep two ids apart even when one is spelt as the other was renamed', () => {
    const renamed = asObject(asArray(encode({ messages: [hello, call('a:b', '{}')] }).turns[1]?.content)[0])?.id;
    const { turns } = encode({ messages: [hello, call('a:b', '{}'), result('a:b', 'x'), call(String(renamed), '{}')] });
    const second = asObject(asArray(turns[3]?.content)[0])?.id;
    expect(second).not.toBe(renamed);
  });

  it('show results with images and errors', () => {
    const { turns } = encode({
      messages: [
        hello,
        call('a', '{}'),
        {
          role: 'tool',
          parts: [
            {
              type: 'tool-result',
              toolCallId: 'a',
              isError: true,
              content: [
                { type: 'text', text: 'Seen:' },
                { type: 'text', text: ' ' },
                { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
              ],
            },
            { type: 'tool-result', toolCallId: 'b', content: [] },
            { type: 'tool-result', toolCallId: 'c', content: [{ type: 'text', text: '' }] },
          ],
        },
      ],
    });
    expect(turns[2]?.content).toEqual([
      {
        type: 'tool_result',
        tool_use_id: 'a',
        content: [
          { type: 'text', text: 'Seen:' },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        ],
        is_error: true,
      },
      { type: 'tool_result', tool_use_id: 'b' },
      { type: 'tool_result', tool_use_id: 'c', content: '' },
    ]);
  });
});
