import Anthropic from '@anthropic-ai/sdk';
import { afterEach, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import OpenAI, { toFile } from 'openai';
import { type Capability, pass } from '../../../src/core/capability.ts';
import { systemRuntime } from '../../../src/core/runtime.ts';
import { createPassThrough } from '../../../src/express/pass-through/create-pass-through.ts';
import { mountPassThrough } from '../../../src/express/pass-through.ts';
import { createFailover } from '../../../src/failover/index.ts';
import { targetAt } from '../../../src/providers/target.ts';
import { listen } from '../../support/test-app.ts';
import {
  callerKey,
  type PassThroughApp,
  providerKey,
  send,
  startPassThroughApp,
  startUpstream,
  type Upstream,
} from './support.ts';

let upstream: Upstream | undefined;
let app: PassThroughApp | undefined;

afterEach(async () => {
  await app?.close();
  await upstream?.close();
});

/** A provider that answers with what it got. */
async function start(answer: (text: string) => object): Promise<{ readonly url: string; readonly upstream: Upstream }> {
  const started = await startUpstream((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    request.once('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer(text))));
  });
  upstream = started;
  app = await startPassThroughApp({
    providers: {
      openai: { apiKey: providerKey, baseUrl: started.url },
      anthropic: { apiKey: 'anthropic-key-0123456789', baseUrl: started.url },
    },
  });
  return { url: app.url, upstream: started };
}

describe('A13: official clients through pass-through', () => {
  it("OpenAI's uploads files and reads errors of files", async () => {
    const { url, upstream } = await start((text) => ({ id: 'file-1', object: 'file', bytes: text.length }));
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0 });
    const content = Buffer.alloc(100_000, 'a');
    const file = await client.files.create({ file: await toFile(content, 'a.jsonl'), purpose: 'batch' });
    expect(file.id).toBe('file-1');
    expect(file.bytes).toBeGreaterThan(content.length);
    expect(upstream.received[0]).toMatchObject({ method: 'POST', url: '/v1/files' });
    expect(upstream.received[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  });

  it("OpenAI's transcribes, moderates and lists", async () => {
    const { url, upstream } = await start(() => ({
      text: 'said',
      results: [],
      data: [],
      object: 'list',
      has_more: false,
    }));
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0 });
    const audio = await toFile(Buffer.alloc(2_000), 'a.wav');
    expect((await client.audio.transcriptions.create({ file: audio, model: 'whisper-1' })).text).toBe('said');
    await client.moderations.create({ input: 'x' });
    await client.batches.list({ limit: 3 });
    await client.vectorStores.list();
    expect(upstream.received.map(({ url }) => url)).toEqual([
      '/v1/audio/transcriptions',
      '/v1/moderations',
      '/v1/batches?limit=3',
      '/v1/vector_stores',
    ]);
  });

  it("Anthropic's asks for batches and lists files", async () => {
    const { url, upstream } = await start(() => ({ id: 'b-1', type: 'message_batch', data: [], has_more: false }));
    const client = new Anthropic({ baseURL: url, apiKey: callerKey, maxRetries: 0 });
    const batch = await client.messages.batches.retrieve('b-1');
    expect(batch.id).toBe('b-1');
    await client.messages.batches.list();
    expect(upstream.received.map(({ url }) => url.split('?')[0])).toEqual([
      '/v1/messages/batches/b-1',
      '/v1/messages/batches',
    ]);
    expect(upstream.received[0]?.headers['x-api-key']).toBe('anthropic-key-0123456789');
  });
});

describe('beside failover', () => {
  it('B12 shares its providers and what is known of their keys', async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.writeHead(401).end('{"error":{"message":"no"}}');
    });
    const providers = { openai: { apiKey: providerKey, baseUrl: upstream.url } };
    const failover = createFailover({ providers }, { runtime: systemRuntime, environment: {} });
    const passing = createPassThrough(
      { anonymous: 'allow' },
      { planner: failover.planner, keysOf: (instance) => failover.engine.link(targetAt(instance, '')).keys },
    );
    const front: Capability = { name: 'front', onHead: () => pass };
    const listening = await listen(express5().use(mountPassThrough(passing, [front])));
    const port = Number(new URL(listening.url).port);
    expect((await send({ port, path: '/files' })).status).toBe(502);
    const [instance] = failover.planner.instances.values();
    if (instance === undefined) throw new Error('No instance.');
    expect(failover.engine.link(targetAt(instance, 'm')).keys?.take()).toMatchObject({ reason: 'auth' });
    expect((await send({ port, path: '/files' })).status).toBe(502);
    expect(upstream.received).toHaveLength(1);
    await listening.close();
    passing.close();
    await failover.close();
  });
});
