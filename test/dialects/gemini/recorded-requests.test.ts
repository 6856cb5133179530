import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Message } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { bodyText, type CorpusRecord, decodeStream, describeCorpus } from '../../support/corpus.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { equivalentRequest } from './equivalent-request.ts';

const geminiApi = gemini();
const vertex = gemini({ requestFields: ['labels', 'modelArmorConfig'] });

describeCorpus('recorded Gemini requests', ['gemini-generate'], (records) => {
  const requests = records.filter((record) => record.request !== undefined);

  it('are there in numbers', () => {
    expect(requests.length).toBeGreaterThan(150);
  });

  it.each(requests.map(named))('%s is read and written with the same meaning', (_, record) => {
    const { body, origin } = requestOf(record);
    const dialect = record.endpoint.includes('aiplatform') ? vertex : geminiApi;
    const decoded = dialect.request.decode(deepFreeze(body), origin);
    const encoded = dialect.request.encode(deepFreeze(decoded), origin);
    expect(equivalentRequest(encoded.body)).toEqual(equivalentRequest(body));
    expect(encoded.dropped).toEqual([]);
  });
});

describeCorpus('signatures of recorded Gemini answers', ['gemini-generate'], (records) => {
  const signed = records.filter(({ features }) => features.has('out.signature') && !features.has('sse.json_array'));

  it('are there in numbers', () => {
    expect(signed.length).toBeGreaterThan(55);
  });

  it.each(signed.map(named))('%s: go into the next request byte for byte', (_, record) => {
    const history: Message = { role: 'assistant', parts: answerOf(record).choices[0]?.parts ?? [] };
    const encoded = geminiApi.request.encode(
      {
        model: 'any',
        messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }, history],
        stream: false,
        includeUsage: false,
      },
      { model: 'gemini-2.5-flash' },
    );
    const sent = signaturesIn(bodyText(record));
    expect(sent.length).toBeGreaterThan(0);
    expect(signaturesIn(JSON.stringify(encoded.body))).toEqual(sent);
  });
});

function answerOf(record: CorpusRecord) {
  if (record.stream) return collectEvents(decodeStream(geminiApi.stream.decoder(), [record.response.body]));
  const decoded = geminiApi.response.decode(JSON.parse(bodyText(record)));
  if (!('answer' in decoded)) throw new Error(decoded.fault.message);
  return decoded.answer;
}

/** Every signature of a JSON text or of the events of a stream, in order. */
function signaturesIn(text: string): readonly string[] {
  return [...text.matchAll(/"thoughtSignature":\s*("(?:[^"\\]|\\.)*")/g)].map(([, literal]) =>
    JSON.parse(literal ?? ''),
  );
}

function requestOf({ request }: CorpusRecord) {
  const body: JsonObject = JSON.parse(request?.body ?? '');
  const [, model = '', method = ''] = /models\/([^:]+):(\w+)/.exec(request?.path ?? '') ?? [];
  return { body, origin: { model: decodeURIComponent(model), stream: method.startsWith('stream') } };
}

function named(record: CorpusRecord): [string, CorpusRecord] {
  return [record.file, record];
}
