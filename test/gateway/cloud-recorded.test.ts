import { afterAll, beforeAll, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { type ChatRecordDigest, type CorpusRecord, describeCorpus } from '../support/corpus.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';
import { type GatewayServer, startGateway } from './support/gateway-app.ts';

type ChatRecord = CorpusRecord & { readonly digest: ChatRecordDigest };

function isAnswer(record: CorpusRecord): record is ChatRecord {
  return record.status === 200 && record.digest?.kind === 'chat' && record.digest.finish !== null;
}

/** A cloud that gives the recorded answers, in as many pieces as they came. */
let cloud: ListeningServer;
let gateway: GatewayServer;
let answer: CorpusRecord | undefined;
const paths: string[] = [];

beforeAll(async () => {
  cloud = await listen((request, response) => {
    paths.push(request.url ?? '');
    request.resume();
    request.on('end', () => {
      if (answer === undefined) throw new Error('There is no answer.');
      const { status, contentType, headers, body, wireChunks = [body.length] } = answer.response;
      const retryAfter = headers['retry-after'];
      response.writeHead(status, {
        'content-type': contentType ?? 'application/json',
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      });
      let start = 0;
      for (const length of wireChunks) {
        response.write(body.subarray(start, start + length));
        start += length;
      }
      response.end(body.subarray(start));
    });
  });
  gateway = await freshGateway();
});

afterAll(async () => {
  await gateway.close();
  await cloud.close();
});

function freshGateway(): Promise<GatewayServer> {
  return startGateway({
    config: {
      providers: {
        azure: { apiKey: 'key', baseUrl: cloud.url, apiVersion: '2024-10-21' },
        vertex: { apiKey: 'token', baseUrl: cloud.url, project: 'my-project' },
      },
      failover: { retries: 0 },
    },
  });
}

interface Read {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly args: unknown }[];
}

const messages = [{ role: 'user' as const, content: 'Hello' }];

/** What OpenAI's own client reads. */
async function read(model: string, stream: boolean, from = gateway): Promise<Read> {
  const client = new OpenAI({ baseURL: `${from.url}/v1`, apiKey: 'caller', maxRetries: 0 });
  const finished = stream
    ? await client.chat.completions.stream({ model, messages }).finalChatCompletion()
    : await client.chat.completions.create({ model, messages });
  const message = finished.choices[0]?.message;
  return {
    text: message?.content ?? '',
    calls: (message?.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ name: call.function.name, args: parsed(call.function.arguments) }] : [],
    ),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function expected({ digest }: ChatRecord): Read {
  return {
    text: digest.text,
    calls: digest.tool_calls.map(({ name, args, args_raw_invalid_json: raw }) => ({ name, args: raw ?? args })),
  };
}

describeCorpus('what Azure answered', ['azure-chat'], (records) => {
  for (const record of records.filter(isAnswer)) {
    it(`reaches OpenAI's client as it was: ${record.file}`, async () => {
      answer = record;
      expect(await read('azure/mine', record.stream)).toEqual(expected(record));
      expect(paths.at(-1)).toBe('/openai/deployments/mine/chat/completions?api-version=2024-10-21');
    });
  }

  for (const record of records.filter(({ status }) => status >= 400)) {
    it(`is told as it concerns the caller: ${record.file}`, async () => {
      answer = record;
      // One that remembers nothing: a key that was out of rate would rest.
      const unbiased = await freshGateway();
      const error = await read('azure/mine', false, unbiased).catch((thrown: unknown) => thrown);
      await unbiased.close();
      const codes: Readonly<Record<number, string>> = {
        400: 'content_policy_violation',
        401: 'upstream_auth_failed',
        404: 'model_not_found',
        422: 'unprocessable_request',
        429: 'rate_limit_exceeded',
      };
      expect(error).toMatchObject({ code: codes[record.status] });
    });
  }
});

describeCorpus('what Claude answered on Vertex AI', ['vertex-anthropic'], (records) => {
  for (const record of records.filter(isAnswer)) {
    it(`reaches OpenAI's client as it was: ${record.file}`, async () => {
      answer = record;
      expect(await read('vertex/claude-sonnet-4-5@20250929', record.stream)).toEqual(expected(record));
      const method = record.stream ? 'streamRawPredict' : 'rawPredict';
      expect(paths.at(-1)).toMatch(new RegExp(`/publishers/anthropic/models/[^/]+:${method}$`));
    });
  }
});

describeCorpus('what Gemini answered on Vertex AI', ['gemini-generate'], (records) => {
  const onVertex = records.filter(isAnswer).filter(({ endpoint }) => endpoint?.includes('aiplatform') === true);

  it('is among the recordings', () => {
    expect(onVertex.length).toBeGreaterThan(0);
  });

  for (const record of onVertex.filter(({ digest }) => digest.finish !== 'content_filter')) {
    // Without `alt=sse` Google streams one JSON array, which the gateway never asks for.
    if (record.features.has('sse.json_array')) continue;
    it(`reaches OpenAI's client as it was: ${record.file}`, async () => {
      answer = record;
      expect(await read('vertex/gemini-2.5-flash', record.stream)).toEqual(expected(record));
    });
  }
});
