import Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClientApp, type ProviderName, providerNames, startClientApp } from './support/client-app.ts';

let app: ClientApp;
let client: Anthropic;

beforeAll(async () => {
  app = await startClientApp({ provider: { timeouts: { idle: '300ms', firstToken: '2s' } } });
  client = anthropicClient(app.key);
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** The official client as its users make it, but for the base URL, to which it adds `/v1/messages`. */
function anthropicClient(apiKey: string): Anthropic {
  return new Anthropic({ baseURL: app.baseURL, apiKey, maxRetries: 0 });
}

const tool: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const say = (content: string): Anthropic.MessageParam[] => [{ role: 'user', content }];

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function toolUses(message: Anthropic.Message): readonly Anthropic.ToolUseBlock[] {
  return message.content.filter((block) => block.type === 'tool_use');
}

/** Both ways of asking: the whole answer, and the message the stream helper puts together. */
const modes = {
  whole: (params: Anthropic.MessageCreateParamsNonStreaming) => client.messages.create(params),
  streamed: (params: Anthropic.MessageCreateParamsNonStreaming) => client.messages.stream(params).finalMessage(),
} as const;
const modeNames = ['whole', 'streamed'] as const;

describe.each(providerNames)('the Anthropic SDK against %s', (provider: ProviderName) => {
  const model = `${provider}/demo-small`;

  describe.each(modeNames)('%s', (mode) => {
    it('gets an answer with its usage and stop reason', async () => {
      const message = await modes[mode]({ model, max_tokens: 100, messages: say('say: Gr\u00fc\u00dfe \u{1f600}') });
      expect(textOf(message)).toBe('Gr\u00fc\u00dfe \u{1f600}');
      expect(message).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
      expect(message.usage.input_tokens).toBeGreaterThan(0);
      expect(message.usage.output_tokens).toBeGreaterThan(0);
    });

    it('hears of the token limit', async () => {
      const message = await modes[mode]({ model, max_tokens: 5, messages: say('write 50 words') });
      expect(message.stop_reason).toBe('max_tokens');
    });

    it('calls two tools at once and reads their results back in the next turn', async () => {
      const messages = say('call get_weather {"city":"Oslo"} and call get_weather {"city":"Lima"}');
      const first = await modes[mode]({ model, max_tokens: 200, tools: [tool], messages });
      expect(first.stop_reason).toBe('tool_use');
      expect(toolUses(first).map(({ name, input }) => ({ name, input }))).toEqual([
        { name: 'get_weather', input: { city: 'Oslo' } },
        { name: 'get_weather', input: { city: 'Lima' } },
      ]);
      const results = toolUses(first).map(({ id, input }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: `rain in ${(input as { city: string }).city}`,
      }));
      const second = await modes[mode]({
        model,
        max_tokens: 200,
        tools: [tool],
        messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
      });
      expect(textOf(second)).toContain('rain in Oslo');
      expect(textOf(second)).toContain('rain in Lima');
    });

    it('is told of an unknown model by its own error class', async () => {
      const params = { model: 'nobody/has-this', max_tokens: 10, messages: say('hi') };
      await expect(modes[mode](params)).rejects.toBeInstanceOf(Anthropic.NotFoundError);
    });

    it.each([
      ['e429', Anthropic.RateLimitError],
      ['e503', Anthropic.InternalServerError],
    ] as const)('is told of %s by its own error class', async (fault, errorClass) => {
      const params = { model: `${provider}/demo-small+${fault}`, max_tokens: 10, messages: say('hi') };
      await expect(modes[mode](params)).rejects.toBeInstanceOf(errorClass);
    });
  });

  it.each(['cut(2)', 'clean_eof(2)', 'stall(2)', 'inband_error(2)', 'rst_before_headers'])(
    'throws at a stream that breaks by %s and never calls it finished',
    async (fault) => {
      const stream = client.messages.stream({
        model: `${provider}/demo-small+${fault}`,
        max_tokens: 200,
        messages: say('write 20 words'),
      });
      let finished = false;
      stream.on('finalMessage', () => {
        finished = true;
      });
      await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.AnthropicError);
      expect(finished).toBe(false);
    },
  );

  it('counts tokens', async () => {
    const short = await client.messages.countTokens({ model, messages: say('hi') });
    const long = await client.messages.countTokens({ model, messages: say('many words '.repeat(200)) });
    expect(short.input_tokens).toBeGreaterThan(0);
    expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 100);
  });

  it('is answered in Anthropic\u2019s form when the key is wrong', async () => {
    const stranger = anthropicClient('sk-wrong-key-0123456789');
    const answer = stranger.messages.create({ model, max_tokens: 10, messages: say('hi') });
    await expect(answer).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });
});

describe('the Anthropic SDK against Anthropic', () => {
  const thinking = { type: 'enabled', budget_tokens: 1024 } as const;

  it.each(modeNames)('%s: thinking comes back with its signature, byte for byte', async (mode) => {
    const messages = say('call get_weather {"city":"Oslo"}');
    const params = { model: 'anthropic/demo-small', max_tokens: 4000, thinking, tools: [tool] };
    const first = await modes[mode]({ ...params, messages });
    expect(first.content[0]).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/.+/) });
    const [use] = toolUses(first);
    const second = await modes[mode]({
      ...params,
      messages: [
        ...messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: 'rain' }] },
      ],
    });
    expect(textOf(second)).toContain('rain');
  });
});
