import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createGateway, type Gateway } from '../../src/gateway/create-gateway.ts';
import type { MediaOptions } from '../../src/upstream/fetch-media-options.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';

let inside: ListeningServer;
let listening: ListeningServer;
let gateway: Gateway;
let asked = 0;

async function ask(
  media: MediaOptions | undefined,
  url = 'http://127.0.0.1/a.png',
): Promise<{ readonly status: number; readonly message: string }> {
  asked = 0;
  inside = await listen((_request, response) => {
    asked += 1;
    response.end('{}');
  });
  gateway = createGateway(
    {
      providers: { gemini: { apiKey: 'provider-key-0123456789', baseUrl: inside.url } },
      ...(media !== undefined && { media }),
    },
    { environment: {}, logger: { log: () => {} } },
  );
  listening = await listen(express().use('/v1', gateway));
  const response = await fetch(`${listening.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gemini-2.0-flash',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    }),
  });
  const { error } = JSON.parse(await response.text());
  return { status: response.status, message: error.message };
}

afterEach(async () => {
  await gateway.close(0);
  await listening.close();
  await inside.close();
});

describe('AD-03: pictures by URL', () => {
  it('are not fetched unless it is asked for', async () => {
    expect(await ask(undefined)).toMatchObject({ status: 400, message: expect.stringContaining('does not fetch it') });
    expect(asked).toBe(0);
  });

  it('are never fetched from the inside', async () => {
    expect(await ask({ fetch: 'on' })).toMatchObject({
      status: 400,
      message: expect.stringContaining('does not fetch'),
    });
    expect(asked).toBe(0);
  });

  it('are fetched only from hosts that are allowed', async () => {
    const answer = await ask({ fetch: 'on', allowHosts: ['images.example.com'] }, 'https://example.org/a.png');
    expect(answer).toMatchObject({ status: 400, message: expect.stringContaining('operator allows') });
    expect(asked).toBe(0);
  });
});
