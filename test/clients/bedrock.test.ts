import {
  BedrockRuntimeClient,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseResponse,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  type Message,
  type ToolConfiguration,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { asObject, type JsonObject } from '../../src/core/json.ts';
import { auth } from '../../src/index.ts';
import { wallProviders } from '../support/test-app.ts';
import { timeTool, weatherTool } from './support/client-app.ts';
import { type FailoverApp, startFailoverApp } from './support/failover-app.ts';

let app: FailoverApp;
let client: BedrockRuntimeClient;

const key = 'team-key-0123456789';

/** The official client as its users make it, but for the endpoint. It tries once, so that the tests see every failure. */
function clientWith(credential: object): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: app.url,
    // HTTP/1.1, as servers without TLS speak it.
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
    ...credential,
  });
}

beforeAll(async () => {
  app = await startFailoverApp({
    inFront: auth({ keys: [{ key, id: 'team' }] }),
    providers(wall) {
      const bedrock = { apiKey: 'provider-key', region: 'us-east-1', baseUrl: wall.baseUrl('bedrock-converse') };
      return { ...wallProviders(wall), bedrock };
    },
  });
  client = clientWith({ token: { token: key }, authSchemePreference: ['httpBearerAuth'] });
});
afterAll(async () => {
  client.destroy();
  await app.close();
});
afterEach(async () => expect(await app.rest()).toEqual([]));

const providerNames = ['bedrock', 'openai', 'anthropic', 'gemini'] as const;
const dialectOf = {
  bedrock: 'bedrock-converse',
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini',
} as const;
/** Models that take a forced call, as far as somebody asks. */
const models = {
  bedrock: 'bedrock/amazon.nova-lite-v1:0',
  openai: 'openai/demo-small',
  anthropic: 'anthropic/demo-small',
  gemini: 'gemini/demo-small',
} as const;
/** Models that can think and are held to a schema. */
const capableModels = {
  bedrock: 'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  anthropic: 'anthropic/claude-sonnet-4-5',
} as const;

const toolConfig: ToolConfiguration = {
  tools: [weatherTool, timeTool].map(({ function: { name, description, parameters } }) => ({
    toolSpec: { name, description, inputSchema: { json: parameters } },
  })),
};
const askTwo = 'call get_weather {"city":"Oslo","unit":"C"} and call get_time {"city":"Lima"}';

function user(text: string): Message {
  return { role: 'user', content: [{ text }] };
}

/** A streamed answer, put together as an application would. */
async function collect(
  input: ConverseCommandInput,
): Promise<ConverseResponse & { readonly events: ConverseStreamOutput[] }> {
  const { stream } = await client.send(new ConverseStreamCommand(input));
  const content: ContentBlock[] = [];
  const inputs: string[] = [];
  const events: ConverseStreamOutput[] = [];
  for await (const event of stream ?? []) {
    events.push(event);
    const { contentBlockStart: start, contentBlockDelta: delta } = event;
    const called = start?.start?.toolUse;
    if (called !== undefined) content[start?.contentBlockIndex ?? -1] = { toolUse: { ...called, input: {} } };
    const index = delta?.contentBlockIndex ?? -1;
    const before = content[index];
    if (delta?.delta?.text !== undefined) content[index] = { text: (before?.text ?? '') + delta.delta.text };
    if (delta?.delta?.toolUse !== undefined) inputs[index] = (inputs[index] ?? '') + delta.delta.toolUse.input;
    const reasoning = delta?.delta?.reasoningContent;
    if (reasoning !== undefined) {
      const text = (before?.reasoningContent?.reasoningText?.text ?? '') + (reasoning.text ?? '');
      content[index] = { reasoningContent: { reasoningText: { text, signature: reasoning.signature } } };
    }
  }
  for (const [index, text] of inputs.entries()) {
    const called = content[index]?.toolUse;
    if (called !== undefined) content[index] = { toolUse: { ...called, input: JSON.parse(text || '{}') } };
  }
  const metadata = events.find(({ metadata: found }) => found !== undefined)?.metadata;
  const stop = events.find(({ messageStop }) => messageStop !== undefined)?.messageStop;
  return {
    output: { message: { role: 'assistant', content } },
    stopReason: stop?.stopReason,
    usage: metadata?.usage,
    metrics: { latencyMs: metadata?.metrics?.latencyMs },
    events,
  };
}

const modes = {
  whole: (input: ConverseCommandInput): Promise<ConverseResponse> => client.send(new ConverseCommand(input)),
  streamed: collect,
} as const;
const modeNames = ['whole', 'streamed'] as const;

function contentOf(answer: ConverseResponse): readonly ContentBlock[] {
  return answer.output?.message?.content ?? [];
}

function textOf(answer: ConverseResponse): string {
  return contentOf(answer)
    .map(({ text }) => text ?? '')
    .join('');
}

function callsOf(answer: ConverseResponse) {
  return contentOf(answer).flatMap(({ toolUse }) => (toolUse === undefined ? [] : [toolUse]));
}

/** What went to the provider last. */
function sent(): JsonObject {
  return asObject(app.wall.calls.at(-1)?.json) ?? {};
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (thrown) {
    return thrown as Error;
  }
  throw new Error('It did not fail.');
}

describe.each(providerNames)('the Bedrock client against %s', (provider) => {
  const modelId = models[provider];

  describe.each(modeNames)('%s', (mode) => {
    it('gets an answer with its counts', async () => {
      const text = 'gr\u00fc\u00df Gott \ud83d\ude00 "quoted"';
      const answer = await modes[mode]({
        modelId,
        system: [{ text: 'Be short.' }],
        messages: [user(`say: ${text}`)],
        inferenceConfig: { maxTokens: 200, temperature: 0.5, topP: 0.9 },
      });
      expect(textOf(answer)).toBe(text);
      expect(answer.stopReason).toBe('end_turn');
      const { inputTokens = 0, outputTokens = 0, totalTokens } = answer.usage ?? {};
      expect(inputTokens).toBeGreaterThan(0);
      expect(outputTokens).toBeGreaterThan(0);
      expect(totalTokens).toBe(inputTokens + outputTokens);
      expect(answer.metrics?.latencyMs).toEqual(expect.any(Number));
      expect(app.wall.calls.at(-1)?.dialect).toBe(dialectOf[provider]);
    });

    it('calls two tools and reads their results back in the next turn', async () => {
      const first = await modes[mode]({ modelId, messages: [user(askTwo)], toolConfig });
      expect(first.stopReason).toBe('tool_use');
      const calls = callsOf(first);
      expect(calls.map(({ name, input }) => [name, input])).toEqual([
        ['get_weather', { city: 'Oslo', unit: 'C' }],
        ['get_time', { city: 'Lima' }],
      ]);
      expect(new Set(calls.map(({ toolUseId }) => toolUseId)).size).toBe(2);
      const results = calls.map(({ toolUseId, name }): ContentBlock => {
        return { toolResult: { toolUseId, content: [{ text: `result of ${name}` }], status: 'success' } };
      });
      const second = await modes[mode]({
        modelId,
        messages: [
          user(askTwo),
          { role: 'assistant', content: [...contentOf(first)] },
          { role: 'user', content: results },
        ],
        toolConfig,
      });
      expect(textOf(second)).toBe('The tools answered: result of get_weather; result of get_time');
    });

    it('obeys a choice of tool and a bound', async () => {
      const forced = await modes[mode]({
        modelId,
        messages: [user('Hello.')],
        toolConfig: { ...toolConfig, toolChoice: { tool: { name: 'get_time' } } },
      });
      expect(callsOf(forced).map(({ name }) => name)).toEqual(['get_time']);
      const short = await modes[mode]({
        modelId,
        messages: [user('write 30 words')],
        inferenceConfig: { maxTokens: 5 },
      });
      expect([short.stopReason, textOf(short).trim().split(' ').length]).toEqual(['max_tokens', 5]);
    });

    it('stops before a stop sequence', async () => {
      const answer = await modes[mode]({
        modelId,
        messages: [user('write 9 words')],
        inferenceConfig: { stopSequences: ['word4'] },
      });
      expect(textOf(answer).trim()).toBe('word1 word2 word3');
      expect(['end_turn', 'stop_sequence']).toContain(answer.stopReason);
    });
  });

  it('sends pictures and documents as their bytes', async () => {
    const bytes = Buffer.from('iVBORw0KGgo=', 'base64');
    const content: ContentBlock[] = [
      { text: 'What is this?' },
      { image: { format: 'png', source: { bytes } } },
      ...(provider === 'openai' ? [] : [{ document: { format: 'pdf' as const, name: 'report', source: { bytes } } }]),
    ];
    const answer = await modes.whole({ modelId, messages: [{ role: 'user', content }] });
    expect(textOf(answer)).toMatch(/ an image| 2 images/);
    expect(JSON.stringify(sent())).toContain('iVBORw0KGgo=');
  });

  it('raises the class of an error, with its status', async () => {
    const faults = [
      ['e429', 'ThrottlingException', 429],
      ['e500', 'ModelErrorException', 502],
      ['e400', 'ValidationException', 400],
    ] as const;
    for (const mode of modeNames) {
      for (const [fault, name, status] of faults) {
        const error = await errorOf(modes[mode]({ modelId: `${modelId}+${fault}`, messages: [user('Hello.')] }));
        expect({ fault, name: error.name, metadata: Reflect.get(error, '$metadata') }).toMatchObject({
          fault,
          name,
          metadata: { httpStatusCode: status },
        });
        expect(error.message).toMatch(/./);
      }
    }
  });

  it('raises when an answer breaks off, after what came before', async () => {
    for (const fault of ['cut(3)', 'clean_eof(3)', 'inband_error(3)', 'json_cut']) {
      const { stream } = await client.send(
        new ConverseStreamCommand({ modelId: `${modelId}+${fault}`, messages: [user('write 12 words')] }),
      );
      let text = '';
      const error = await errorOf(
        (async () => {
          for await (const { contentBlockDelta } of stream ?? []) text += contentBlockDelta?.delta?.text ?? '';
        })(),
      );
      expect({ fault, text: text.trim() }).toEqual({ fault, text: expect.stringMatching(/^word1 word2 word3/) });
      expect(['ModelStreamErrorException', 'ServiceUnavailableException']).toContain(error.name);
    }
  });
});

describe('what Bedrock has of its own', () => {
  it.each(modeNames)('brings signed reasoning back with the tool results (%s)', async (mode) => {
    for (const modelId of Object.values(capableModels)) {
      const thinking = { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1024 } } };
      const first = await modes[mode]({ modelId, messages: [user(askTwo)], toolConfig, ...thinking });
      const shown = contentOf(first)[0]?.reasoningContent?.reasoningText;
      expect(shown?.text).toContain('The question is short');
      const results = callsOf(first).map(({ toolUseId }): ContentBlock => {
        return { toolResult: { toolUseId, content: [{ json: { said: true } }] } };
      });
      const second = await modes[mode]({
        modelId,
        messages: [
          user(askTwo),
          { role: 'assistant', content: [...contentOf(first)] },
          { role: 'user', content: results },
        ],
        toolConfig,
        ...thinking,
      });
      expect(textOf(second)).toContain('The tools answered: {"said":true}');
    }
    // Anthropic's own signature has no way through Converse, Bedrock's has.
    const kept = app.wall.calls.filter(({ dialect }) => dialect === 'bedrock-converse').at(-1)?.json;
    expect(JSON.stringify(kept)).toMatch(/"reasoningText":\{"text":"[^"]+","signature":"[^"]{60,}"/);
  });

  it('is held to a schema', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const outputConfig = {
      textFormat: {
        type: 'json_schema' as const,
        structure: { jsonSchema: { schema: JSON.stringify(schema), name: 'city' } },
      },
    };
    for (const modelId of [...Object.values(capableModels), 'openai/gpt-4o', 'bedrock/amazon.nova-pro-v1:0']) {
      for (const mode of modeNames) {
        const answer = await modes[mode]({ modelId, messages: [user('Where?')], outputConfig });
        expect({ modelId, ...JSON.parse(textOf(answer)) }).toEqual({ modelId, city: 'example' });
        expect({ modelId, stop: answer.stopReason }).toEqual({ modelId, stop: 'end_turn' });
      }
    }
  });

  it('goes through as it came to a provider that speaks it', async () => {
    const guardrailConfig = { guardrailIdentifier: 'guard', guardrailVersion: '1' };
    const answer = await modes.whole({ modelId: 'bedrock/demo-small', messages: [user('Hello.')], guardrailConfig });
    expect(textOf(answer)).toContain('You said "Hello."');
    expect(sent()).toEqual({ guardrailConfig, messages: [{ role: 'user', content: [{ text: 'Hello.' }] }] });
  });

  it('refuses a signature, which proves nothing to anybody but AWS', async () => {
    const signing = clientWith({ credentials: { accessKeyId: key, secretAccessKey: 'never sent' } });
    const error = await errorOf(
      signing.send(new ConverseCommand({ modelId: 'openai/demo-small', messages: [user('Hi')] })),
    );
    expect(error.name).toBe('UnrecognizedClientException');
    signing.destroy();
  });

  it('raises what a caller without a key gets', async () => {
    const stranger = clientWith({ token: { token: 'wrong-key-0123456789' }, authSchemePreference: ['httpBearerAuth'] });
    const error = await errorOf(
      stranger.send(new ConverseCommand({ modelId: 'openai/demo-small', messages: [user('Hi')] })),
    );
    expect([error.name, Reflect.get(error, '$metadata')]).toMatchObject([
      'UnrecognizedClientException',
      { httpStatusCode: 401 },
    ]);
    stranger.destroy();
  });

  it('raises what a model that is not there is', async () => {
    const error = await errorOf(modes.whole({ modelId: 'nobody/nothing', messages: [user('Hi')] }));
    expect(error.name).toBe('ResourceNotFoundException');
  });
});
