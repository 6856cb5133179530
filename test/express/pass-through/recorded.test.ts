import { afterEach, expect, it } from '@jest/globals';
import { defaultPaths } from '../../../src/pass-through/path-family.ts';
import { bodyText, type CorpusRecord, cutsOf, describeCorpus } from '../../support/corpus.ts';
import {
  type PassThroughApp,
  providerKey,
  type RawAnswer,
  send,
  startPassThroughApp,
  startUpstream,
  type Upstream,
} from './support.ts';

/*
 * APIs that the gateway does not speak reach their provider as they are and come back as they are: these are requests and
 * answers of such APIs as they were recorded.
 */

interface PassedOn {
  readonly folder: string;
  /** The kind of provider it is sent to. */
  readonly type: string;
  /** Where an answer belongs of which the request was not recorded. */
  readonly path?: string;
  /** Paths the operator names, where they are not passed on by themselves. */
  readonly named?: readonly string[];
  /** The end of the addresses that count, in a folder of which the gateway speaks the rest. */
  readonly only?: string;
}

const apis: readonly PassedOn[] = [
  { folder: 'openai-completions', type: 'openai', path: '/v1/completions' },
  { folder: 'azure-completions', type: 'openai-compatible' },
  { folder: 'other-completions', type: 'openai-compatible', named: ['/fim', '/agents'] },
  { folder: 'openai-moderations', type: 'openai-compatible', path: '/v1/moderations', named: ['/chat/moderations'] },
  { folder: 'rerank', type: 'openai-compatible', path: '/v1/rerank' },
  { folder: 'openai-images', type: 'openai', only: '/images/edits' },
  { folder: 'other-images', type: 'openai-compatible', only: '/images/edits' },
  { folder: 'gemini-interactions', type: 'gemini', named: ['/interactions'] },
  { folder: 'ollama-generate', type: 'ollama', named: ['/api/generate'] },
];

let upstream: Upstream | undefined;
let app: PassThroughApp | undefined;

afterEach(async () => {
  await app?.close();
  await upstream?.close();
});

/** What a provider's address ends with (`/api/v1`), and the path below it. */
function partsOf(path: string): { readonly base: string; readonly below: string } {
  const found = /^(.*\/(?:v\d+|deployments\/[^/]+))(\/.*)$/.exec(path.replace(/^\/+/, '/'));
  return { base: found?.[1] ?? '', below: found?.[2] ?? path };
}

interface Passage extends RawAnswer {
  /** The body that reached the provider. */
  readonly sent: string;
}

const madeUp = '{"input":"Hello"}';

function bodyOf({ request }: CorpusRecord): string {
  return request?.body ?? madeUp;
}

/** Sends a recorded request through the gateway to a provider that gives the recorded answer, in pieces. */
async function passOn(record: CorpusRecord, { type, named = [], path: usual = '' }: PassedOn): Promise<Passage> {
  const { path = usual, query = null } = record.request ?? {};
  const { base, below } = partsOf(path);
  const search = query === null ? '' : `?${query}`;
  const received: Buffer[] = [];
  upstream = await startUpstream((request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk));
    request.once('end', () => {
      const { status, contentType } = record.response;
      response.writeHead(status, contentType === null ? {} : { 'content-type': contentType });
      for (const piece of cutsOf(record).at(-1)?.chunks ?? []) response.write(piece);
      response.end();
    });
  });
  app = await startPassThroughApp({
    providers: { theirs: { type, apiKey: providerKey, baseUrl: `${upstream.url}${base}` } },
    paths: [...defaultPaths, ...named],
  });
  const answer = await send({
    port: app.port,
    path: `/v1/providers/theirs${below}${search}`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(record),
  });
  await app.checkInvariants();
  expect(upstream.received).toMatchObject([{ method: 'POST', url: `${base}${below}${search}` }]);
  return { ...answer, sent: Buffer.concat(received).toString() };
}

for (const api of apis) {
  const { only } = api;
  describeCorpus(`what is passed on: ${api.folder}`, [api.folder], (records) => {
    const exchanges = records.filter(({ endpoint }) => only === undefined || endpoint?.endsWith(only));

    for (const record of exchanges.filter(({ status }) => status === 200)) {
      it(`A13: ${record.file} goes there and comes back byte for byte`, async () => {
        const { status, text, headers, sent } = await passOn(record, api);
        expect(sent).toBe(bodyOf(record));
        expect(text).toBe(bodyText(record));
        expect([status, headers['content-type']]).toEqual([200, record.response.contentType ?? undefined]);
      });
    }

    for (const record of exchanges.filter(({ status }) => status >= 400)) {
      it(`PT-19: ${record.file} goes there as it is and comes back as an error of the gateway's`, async () => {
        if (record.digest?.kind !== 'error') throw new Error('no error');
        const { status, text, sent } = await passOn(record, api);
        expect(sent).toBe(bodyOf(record));
        const { error } = JSON.parse(text);
        // What concerns the gateway's own account, or the provider's health, is not for the caller.
        const isCallers = record.status !== 401 && record.status !== 403 && record.status < 500;
        expect(status).toBe(isCallers ? record.status : 502);
        if (isCallers) expect(error.message).toBe(record.digest.message);
        else expect(['upstream_auth_failed', 'upstream_error']).toContain(error.code);
      });
    }
  });
}
