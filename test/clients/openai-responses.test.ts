import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { asArray, asObject, type JsonObject } from '../../src/core/json.ts';
import {
  type ClientApp,
  openaiClient,
  type ProviderName,
  providerNames,
  startClientApp,
} from './support/client-app.ts';

type Response = OpenAI.Responses.Response;
type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;
type InputItem = OpenAI.Responses.ResponseInputItem;

let app: ClientApp;
let client: OpenAI;

beforeAll(async () => {
  app = await startClientApp({ provider: { timeouts: { idle: '300ms', firstToken: '2s' } } });
  client = openaiClient(app);
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** What the provider behind the gateway speaks to callers of this dialect. */
const spoken = { openai: 'openai-responses', anthropic: 'anthropic-messages', gemini: 'gemini' } as const;

/** Models that are held to a JSON schema, and that think. */
const capable = {
  openai: 'openai/gpt-5-mini',
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro',
} as const;

const tool = (name: string): OpenAI.Responses.FunctionTool => ({
  type: 'function',
  name,
  description: 'About a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
});
const tools = [tool('get_weather'), tool('get_time')];
const askTwo = 'call get_weather {"city":"Oslo"} and call get_time {"city":"Lima"}';

/** Both ways of asking: the whole answer, and the response the stream helper puts together. */
const modes = {
  whole: (params: Params): Promise<Response> => client.responses.create(params),
  streamed: (params: Params): Promise<Response> => client.responses.stream({ ...params, stream: true }).finalResponse(),
} as const;
const modeNames = ['whole', 'streamed'] as const;

function functionCalls(response: Response) {
  return response.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
}

function outputs(response: Response): InputItem[] {
  return functionCalls(response).map(({ call_id, name }) => ({
    type: 'function_call_output',
    call_id,
    output: `result of ${name}`,
  }));
}

/** What the provider was sent last. */
function lastRequest(): JsonObject {
  return asObject(app.wall.calls.at(-1)?.json) ?? {};
}

describe.each(providerNames)("the OpenAI SDK's responses against %s", (provider: ProviderName) => {
  const model = `${provider}/demo-small`;

  describe.each(modeNames)('%s', (mode) => {
    it('gets an answer with its usage and the model that served', async () => {
      const response = await modes[mode]({
        model,
        instructions: 'Be short.',
        input: [
          { role: 'user', content: 'First.' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'user', content: 'say: gr\u00fc\u00df Gott \ud83d\ude00' },
        ],
        max_output_tokens: 100,
        temperature: 0.5,
      });
      expect(response.output_text).toBe('gr\u00fc\u00df Gott \ud83d\ude00');
      expect(response).toMatchObject({ object: 'response', status: 'completed', model: 'demo-small', error: null });
      const { input_tokens = 0, output_tokens = 0, total_tokens } = response.usage ?? {};
      expect(Math.min(input_tokens, output_tokens)).toBeGreaterThan(0);
      expect(total_tokens).toBe(input_tokens + output_tokens);
      await app.settled();
      expect(app.lines).toMatchObject([{ status: 'ok', provider, input_tokens, output_tokens }]);
      expect(app.wall.calls).toMatchObject([{ dialect: spoken[provider], model: 'demo-small' }]);
    });

    it('hears of the token limit', async () => {
      const response = await modes[mode]({ model, input: 'write 50 words', max_output_tokens: 16 });
      expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    });

    it('calls two tools at once and reads their results back in the next turn', async () => {
      const first = await modes[mode]({ model, input: askTwo, tools });
      expect(functionCalls(first).map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
        ['get_weather', { city: 'Oslo' }],
        ['get_time', { city: 'Lima' }],
      ]);
      const second = await modes[mode]({
        model,
        tools,
        input: [{ role: 'user', content: askTwo }, ...first.output, ...outputs(first)] as InputItem[],
      });
      expect(second.output_text).toBe('The tools answered: result of get_weather; result of get_time');
    });
  });

  it('streams every piece, numbered, and ends with the whole response', async () => {
    const stream = await client.responses.create({ model, input: 'write 30 words', stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const deltas = events.flatMap((event) => (event.type === 'response.output_text.delta' ? [event.delta] : []));
    expect(deltas.length).toBeGreaterThanOrEqual(30);
    const text = Array.from({ length: 30 }, (_, index) => `word${index + 1}`).join(' ');
    expect(deltas.join('')).toBe(text);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const last = events.at(-1);
    expect(last).toMatchObject({
      type: 'response.completed',
      response: { output: [{ content: [{ type: 'output_text', text }] }] },
    });
  });

  it('obeys tool_choice: none, required, one tool by name, allowed tools', async () => {
    const ask = async (tool_choice: Params['tool_choice'], input: string) =>
      functionCalls(await modes.whole({ model, input, tools, ...(tool_choice && { tool_choice }) })).map(
        (call) => call.name,
      );
    expect(await ask('none', askTwo)).toEqual([]);
    expect(await ask('required', 'Hello.')).toEqual(['get_weather']);
    expect(await ask({ type: 'function', name: 'get_time' }, 'Hello.')).toEqual(['get_time']);
    const allowed = {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'get_time' }],
    } as const;
    expect(await ask({ ...allowed, tools: [...allowed.tools] }, 'Hello.')).toEqual(['get_time']);
  });

  it('parses answers that keep to a schema', async () => {
    const schema = z.object({ city: z.string(), degrees: z.number() });
    const response = await client.responses.parse({
      model: capable[provider],
      input: 'The weather in Oslo?',
      text: { format: zodTextFormat(schema, 'weather') },
    });
    expect(schema.parse(response.output_parsed)).toEqual(response.output_parsed);
  });

  it('sends an image', async () => {
    const image_url =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const response = await client.responses.create({
      model,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url, detail: 'auto' },
          ],
        },
      ],
    });
    expect(response.output_text).toContain('and an image');
  });

  it.each([
    ['e400', OpenAI.BadRequestError],
    ['e429', OpenAI.RateLimitError],
    ['e503', OpenAI.InternalServerError],
  ] as const)('throws the error class of %s', async (fault, errorClass) => {
    const failing = client.responses.create({ model: `${provider}/${fault}`, input: 'Hello.' });
    await expect(failing).rejects.toBeInstanceOf(errorClass);
  });

  it.each(['cut(3)', 'stall(3)', 'inband_error(3)'])('throws when a stream breaks with %s', async (fault) => {
    const stream = await client.responses.create({
      model: `${provider}/demo+${fault}`,
      input: 'write 30 words',
      stream: true,
    });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(events.map((event) => event.type)).toContain('response.output_text.delta');
    expect(events.map((event) => event.type)).not.toContain('response.completed');
    const helped = client.responses.stream({ model: `${provider}/demo+${fault}`, input: 'write 30 words' });
    await expect(helped.finalResponse()).rejects.toBeInstanceOf(OpenAI.OpenAIError);
  });
});

describe.each(modeNames)('reasoning, %s', (mode) => {
  const question = { role: 'user' as const, content: askTwo };

  it.each(Object.values(capable))('%s thinks, calls tools and goes on with its own reasoning', async (model) => {
    const params: Params = {
      model,
      tools,
      store: false,
      include: ['reasoning.encrypted_content'],
      reasoning: { effort: 'low', summary: 'auto' },
      max_output_tokens: 5000,
      input: [question],
    };
    const first = await modes[mode](params);
    const items = first.output.filter((item) => item.type === 'reasoning');
    if (!model.startsWith('gemini')) {
      expect(items).toMatchObject([{ summary: [{ text: expect.stringMatching(/.+/) }] }]);
      expect(items[0]?.encrypted_content).toMatch(/.+/);
    }
    const input = [question, ...first.output, ...outputs(first)] as InputItem[];
    const second = await modes[mode]({ ...params, input });
    expect(second.output_text).toContain('The tools answered');
    const sent = lastRequest();
    if (model.startsWith('openai')) {
      expect(asArray(sent.input)).toContainEqual(expect.objectContaining({ ...items[0] }));
    }
    if (model.startsWith('anthropic')) {
      expect(asObject(asArray(sent.messages)[1])?.content).toMatchObject([
        { type: 'thinking', thinking: expect.stringMatching(/.+/), signature: expect.stringMatching(/^Eq/) },
        { type: 'tool_use' },
        { type: 'tool_use' },
      ]);
    }
  });

  it("moves a conversation to OpenAI without another provider's reasoning", async () => {
    const params: Params = { model: capable.anthropic, tools, reasoning: { effort: 'low' }, input: [question] };
    const first = await modes[mode]({ ...params, max_output_tokens: 5000 });
    expect(first.output.map((item) => item.type)).toContain('reasoning');
    const input = [question, ...first.output, ...outputs(first)] as InputItem[];
    const second = await modes[mode]({ ...params, model: capable.openai, input });
    expect(second.output_text).toContain('The tools answered');
    expect(JSON.stringify(lastRequest().input)).not.toContain('aigw1.');
  });
});

describe('what only a provider can know', () => {
  it('reaches a provider that speaks the dialect as it is', async () => {
    const id = 'resp_67ccd2bed1ec8190b14f964abc054267';
    await client.responses.create({
      model: 'openai/demo-small',
      previous_response_id: id,
      input: [
        { type: 'item_reference', id: 'msg_67ccd2bed1ec' },
        { role: 'user', content: 'Go on.' },
      ],
    });
    expect(lastRequest()).toMatchObject({ previous_response_id: id, input: [{ type: 'item_reference' }, {}] });
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_1', input: 'Go on.' }],
    ['conversation', { conversation: 'conv_1', input: 'Go on.' }],
    ['background', { background: true, input: 'Go on.' }],
    ['prompt', { prompt: { id: 'pmpt_1' }, input: 'Go on.' }],
    ['input[0]', { input: [{ type: 'item_reference' as const, id: 'msg_1' }] }],
  ] as const)('is refused with the name of the parameter (%s) where it would be lost', async (param, fields) => {
    const { input, ...others } = fields;
    const failing = client.responses.create({
      ...others,
      model: 'anthropic/demo-small',
      input: typeof input === 'string' ? input : [...input],
    });
    await expect(failing).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param });
    expect(app.wall.calls).toEqual([]);
  });
});

describe('models that only the Responses API serves, asked in chat completions', () => {
  const model = 'openai/o3-pro';
  const chatTools = tools.map(({ name, parameters }) => ({
    type: 'function' as const,
    function: { name, parameters: parameters ?? {} },
  }));

  it('answer, whole and streamed', async () => {
    const messages = [{ role: 'user' as const, content: 'say: hello there' }];
    const completion = await client.chat.completions.create({ model, messages });
    expect(completion.choices[0]?.message.content).toBe('hello there');
    expect(app.wall.calls).toMatchObject([{ dialect: 'openai-responses' }]);
    expect(lastRequest()).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
    const streamed = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe('hello there');
  });

  it('get their reasoning back with the results of their tools', async () => {
    const question = { role: 'user' as const, content: askTwo };
    const params = { model, tools: chatTools, reasoning_effort: 'low' as const };
    const first = await client.chat.completions.create({ ...params, messages: [question] });
    const message = first.choices[0]?.message;
    expect(message).toMatchObject({ reasoning_details: [{ format: 'openai-responses-v1' }] });
    const results = (message?.tool_calls ?? []).map(({ id }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: 'x',
    }));
    const second = await client.chat.completions.create({
      ...params,
      messages: [question, message ?? question, ...results],
    });
    expect(second.choices[0]?.message.content).toContain('The tools answered');
    expect(asArray(lastRequest().input)).toContainEqual(
      expect.objectContaining({ type: 'reasoning', id: expect.stringMatching(/^rs_/) }),
    );
  });

  it('break like others', async () => {
    const stream = await client.chat.completions.create({
      model: `${model}+cut(3)`,
      stream: true,
      messages: [{ role: 'user', content: 'write 30 words' }],
    });
    const reading = (async () => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    })();
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});
