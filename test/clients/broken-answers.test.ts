import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { type ClientApp, openaiClient, providerNames, startClientApp } from './support/client-app.ts';

let app: ClientApp;

beforeAll(async () => {
  app = await startClientApp({ provider: { timeouts: { idle: '500ms', firstToken: '3s' } } });
});
afterAll(() => app.close());
afterEach(async () => expect(await app.rest()).toEqual([]));

const prompt = 'write 20 words';
const wholeText = Array.from({ length: 20 }, (_, index) => `word${index + 1}`).join(' ');
const messages = [{ role: 'user' as const, content: prompt }];

/** What a client showed its user before it threw, if it did. */
interface Seen {
  text: string;
  /** It said that the answer is complete. */
  finished: boolean;
  threw: boolean;
}

type Read = (model: string, seen: Seen) => Promise<void>;

function gateway(model: string) {
  return createOpenAICompatible({ name: 'gateway', baseURL: app.baseURL, apiKey: app.key })(model);
}

function langchain(model: string, streaming: boolean) {
  return new ChatOpenAI({
    model,
    streaming,
    apiKey: app.key,
    maxRetries: 0,
    configuration: { baseURL: app.baseURL },
  });
}

function stream(model: string) {
  // What it throws is looked for where it is read.
  return streamText({ model: gateway(model), prompt, maxRetries: 0, onError: () => {} });
}

/** Every way in which the clients read a stream. */
const streamed: Readonly<Record<string, Read>> = {
  'OpenAI SDK, chunk by chunk': async (model, seen) => {
    const chunks = await openaiClient(app).chat.completions.create({ model, messages, stream: true });
    for await (const chunk of chunks) {
      seen.text += chunk.choices[0]?.delta.content ?? '';
      seen.finished ||= (chunk.choices[0]?.finish_reason ?? null) !== null;
    }
  },
  'OpenAI SDK, stream helper': async (model, seen) => {
    const runner = openaiClient(app).chat.completions.stream({ model, messages });
    runner.on('content', (delta) => {
      seen.text += delta;
    });
    await runner.finalChatCompletion();
    seen.finished = true;
  },
  'AI SDK, text stream': async (model, seen) => {
    for await (const piece of stream(model).textStream) seen.text += piece;
  },
  'AI SDK, all parts': async (model, seen) => {
    let error: unknown;
    for await (const part of stream(model).fullStream) {
      if (part.type === 'text-delta') seen.text += part.text;
      if (part.type === 'error') error = part.error;
      if (part.type === 'finish') seen.finished = part.finishReason !== 'error';
    }
    if (error !== undefined) throw error;
  },
  'AI SDK, whole text': async (model, seen) => {
    const result = stream(model);
    const reading = (async () => {
      for await (const piece of result.textStream) seen.text += piece;
    })();
    await reading.catch(() => {});
    await result.text;
    seen.finished = true;
  },
  'LangChain, stream': async (model, seen) => {
    for await (const chunk of await langchain(model, true).stream(prompt)) {
      seen.text += typeof chunk.content === 'string' ? chunk.content : '';
      seen.finished ||= chunk.response_metadata.finish_reason !== undefined;
    }
  },
  'LangChain, invoke': async (model, seen) => {
    seen.text = 'word1';
    const message = await langchain(model, true).invoke(prompt);
    seen.finished = message !== undefined;
  },
};

const whole: Readonly<Record<string, Read>> = {
  'OpenAI SDK': async (model, seen) => {
    await openaiClient(app).chat.completions.create({ model, messages });
    seen.finished = true;
  },
  'AI SDK': async (model, seen) => {
    await generateText({ model: gateway(model), prompt, maxRetries: 0 });
    seen.finished = true;
  },
  LangChain: async (model, seen) => {
    await langchain(model, false).invoke(prompt);
    seen.finished = true;
  },
};

async function observe(read: Read, model: string): Promise<Seen> {
  const seen: Seen = { text: '', finished: false, threw: false };
  await read(model, seen).catch(() => {
    seen.threw = true;
  });
  return seen;
}

describe.each(providerNames)('no client takes a broken answer of %s for a finished one', (provider) => {
  // A model of its own for each reader, so that none is ejected for the failures of another.
  const named = (fault: string, reader: number): string => `${provider}/m${reader}+${fault}`;

  it.each(['cut(3)', 'clean_eof(3)', 'stall(3)', 'inband_error(3)', 'json_cut'])(
    'PT-06, FO-03, FO-07, PT-08: %s in a stream',
    async (fault) => {
      const all = await Promise.all(
        Object.entries(streamed).map(async ([name, read], index) => [name, await observe(read, named(fault, index))]),
      );
      const expected = { threw: true, finished: false, text: expect.stringMatching(/^word1/) };
      expect(Object.fromEntries(all)).toEqual(
        Object.fromEntries(Object.keys(streamed).map((name) => [name, expected])),
      );
      for (const [, seen] of all) expect(typeof seen === 'object' && wholeText.startsWith(seen.text)).toBe(true);
      await app.settled();
      expect(app.lines.map(({ status }) => status)).not.toContain('ok');
      expect(app.wall.calls).toHaveLength(Object.keys(streamed).length);
    },
  );

  it.each(['cut(3)', 'clean_eof(3)', 'stall(3)', 'inband_error(3)', 'json_cut', 'empty200', 'html200'])(
    '%s in a whole answer',
    async (fault) => {
      const all = await Promise.all(
        Object.entries(whole).map(async ([name, read], index) => [name, await observe(read, named(fault, index))]),
      );
      const expected = { threw: true, finished: false, text: '' };
      expect(Object.fromEntries(all)).toEqual(Object.fromEntries(Object.keys(whole).map((name) => [name, expected])));
    },
  );

  it('each client finishes when the answer does', async () => {
    // A streaming `invoke` of LangChain that succeeds fetches a tokenizer's vocabulary from the network.
    const { 'LangChain, invoke': _networked, ...readers } = { ...streamed, ...whole };
    const all = await Promise.all(Object.values(readers).map((read) => observe(read, named('split(60)', 0))));
    expect(all.map(({ threw }) => threw)).toEqual(all.map(() => false));
    expect(all.filter(({ finished }) => finished)).toHaveLength(all.length - 1);
  });
});

// Gemini sends arguments whole.
it.each(['openai', 'anthropic'] as const)(
  'no tool runs on half of its arguments when a stream of %s is cut',
  async (provider) => {
    const runs: unknown[] = [];
    const execute = async (argument: unknown): Promise<string> => {
      runs.push(argument);
      return 'done';
    };
    const ask = 'call transfer {"amount":1000,"currency":"EUR","to":"somebody else"}';
    const inputSchema = z.object({ amount: z.number(), currency: z.string(), to: z.string() });
    const result = streamText({
      model: gateway(`${provider}/t1+cut(3)`),
      prompt: ask,
      tools: { transfer: tool({ inputSchema, execute }) },
      stopWhen: stepCountIs(2),
      maxRetries: 0,
      onError: () => {},
    });
    await expect(result.text).rejects.toBeDefined();
    const runner = openaiClient(app).chat.completions.runTools({
      model: `${provider}/t2+cut(3)`,
      messages: [{ role: 'user', content: ask }],
      stream: true,
      tools: [
        {
          type: 'function',
          function: {
            name: 'transfer',
            description: 'Sends money.',
            parameters: { type: 'object', properties: { amount: { type: 'number' } } },
            parse: JSON.parse,
            function: (argument: object) => execute(argument),
          },
        },
      ],
    });
    await expect(runner.finalContent()).rejects.toBeDefined();
    expect(runs).toEqual([]);
    expect(app.wall.calls.map(({ contentChunks }) => contentChunks)).toEqual([3, 3]);
  },
);
