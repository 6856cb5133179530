import { ApiError, type Content, type FunctionDeclaration, GoogleGenAI } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClientApp, type ProviderName, providerNames, startClientApp } from './support/client-app.ts';

let app: ClientApp;
let client: GoogleGenAI;

beforeAll(async () => {
  app = await startClientApp({ provider: { timeouts: { idle: '300ms', firstToken: '2s' } } });
  client = googleClient(app.key);
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

/** The official client as its users make it, but for the base URL, to which it adds a version and `/models/...`. */
function googleClient(apiKey: string): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: app.baseURL, retryOptions: { attempts: 1 } } });
}

const weather: FunctionDeclaration = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

interface Ask {
  readonly model: string;
  readonly contents: string | Content[];
  readonly config?: Parameters<GoogleGenAI['models']['generateContent']>[0]['config'];
}

interface Got {
  readonly text: string;
  readonly parts: NonNullable<Content['parts']>;
  readonly finishReason: string | undefined;
  readonly promptTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** Both ways of asking: the whole answer, and all chunks of a stream together. */
const modes = {
  async whole(ask: Ask): Promise<Got> {
    const answer = await client.models.generateContent({ ...ask, config: { ...ask.config } });
    return gather([answer]);
  },
  async streamed(ask: Ask): Promise<Got> {
    const chunks = [];
    for await (const chunk of await client.models.generateContentStream({ ...ask, config: { ...ask.config } })) {
      chunks.push(chunk);
    }
    return gather(chunks);
  },
} as const;
const modeNames = ['whole', 'streamed'] as const;

function gather(chunks: readonly Awaited<ReturnType<GoogleGenAI['models']['generateContent']>>[]): Got {
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const usage = chunks.findLast((chunk) => chunk.usageMetadata !== undefined)?.usageMetadata;
  return {
    text: parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join(''),
    parts,
    finishReason: chunks.findLast((chunk) => chunk.candidates?.[0]?.finishReason !== undefined)?.candidates?.[0]
      ?.finishReason,
    promptTokens: usage?.promptTokenCount,
    outputTokens: usage?.candidatesTokenCount,
  };
}

describe.each(providerNames)('the Google GenAI SDK against %s', (provider: ProviderName) => {
  const model = `${provider}/demo-small`;

  describe.each(modeNames)('%s', (mode) => {
    it('gets an answer with its usage and finish reason', async () => {
      const got = await modes[mode]({ model, contents: 'say: Gr\u00fc\u00dfe \u{1f600}' });
      expect(got).toMatchObject({ text: 'Gr\u00fc\u00dfe \u{1f600}', finishReason: 'STOP' });
      expect(got.promptTokens).toBeGreaterThan(0);
      expect(got.outputTokens).toBeGreaterThan(0);
    });

    it('hears of the token limit', async () => {
      const got = await modes[mode]({ model, contents: 'write 50 words', config: { maxOutputTokens: 5 } });
      expect(got.finishReason).toBe('MAX_TOKENS');
    });

    it('calls a function and reads its result back in the next turn', async () => {
      const question: Content = { role: 'user', parts: [{ text: 'call get_weather {"city":"Oslo"}' }] };
      const config = { tools: [{ functionDeclarations: [weather] }] };
      const first = await modes[mode]({ model, contents: [question], config });
      const calls = first.parts.filter((part) => part.functionCall !== undefined);
      expect(calls.map((part) => part.functionCall)).toMatchObject([{ name: 'get_weather', args: { city: 'Oslo' } }]);
      const result = { functionResponse: { name: 'get_weather', response: { result: 'rain' } } };
      const second = await modes[mode]({
        model,
        contents: [question, { role: 'model', parts: calls }, { role: 'user', parts: [result] }],
        config,
      });
      expect(second.text).toContain('rain');
    });

    it.each([
      ['nobody/has-this', 404],
      [`${provider}/demo-small+e429`, 429],
      [`${provider}/demo-small+e503`, 503],
    ] as const)('is told of the failure of %s by its own error class', async (failing, status) => {
      const asked = modes[mode]({ model: failing, contents: 'hi' });
      await expect(asked).rejects.toMatchObject({ status });
      await expect(modes[mode]({ model: failing, contents: 'hi' })).rejects.toBeInstanceOf(ApiError);
    });
  });

  it.each(['cut(2)', 'clean_eof(2)', 'stall(2)', 'inband_error(2)'])(
    'throws at a stream that breaks by %s and never calls it finished',
    async (fault) => {
      let finished = false;
      const read = async (): Promise<void> => {
        const stream = await client.models.generateContentStream({
          model: `${provider}/demo-small+${fault}`,
          contents: 'write 20 words',
        });
        for await (const chunk of stream) finished ||= chunk.candidates?.[0]?.finishReason !== undefined;
      };
      await expect(read()).rejects.toThrow();
      expect(finished).toBe(false);
    },
  );

  it('counts tokens', async () => {
    const short = await client.models.countTokens({ model, contents: 'hi' });
    const long = await client.models.countTokens({ model, contents: 'many words '.repeat(200) });
    expect(short.totalTokens).toBeGreaterThan(0);
    expect(long.totalTokens).toBeGreaterThan((short.totalTokens ?? 0) + 100);
  });

  it('is answered in Google\u2019s form when the key is wrong', async () => {
    const asked = googleClient('wrong-key-0123456789').models.generateContent({ model, contents: 'hi' });
    await expect(asked).rejects.toMatchObject({ status: 401, message: expect.stringContaining('UNAUTHENTICATED') });
  });
});
