import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BudgetThresholdEvent } from '../../src/core/events.ts';
import { type Runtime, systemRuntime } from '../../src/core/runtime.ts';
import type { WebhookOptions } from '../../src/cost-guard/index.ts';
import { signWebhook } from '../../src/cost-guard/sign-webhook.ts';
import { createWebhook } from '../../src/cost-guard/webhook.ts';
import { type ListeningServer, listen, until } from '../support/test-app.ts';

const secret = 'webhook-secret-canary-0123456789';
const alert: BudgetThresholdEvent = {
  type: 'budget-threshold',
  budget: 'team-month',
  scope: 'team',
  value: 'search',
  threshold: 80,
  spentNanoUsd: 80_000_000_000,
  limitNanoUsd: 100_000_000_000,
  resetAt: '2026-12-01T00:00:00+01:00',
};

/** Waits are over at once; how long they were to be is noted. */
function hurried(): Runtime & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    ...systemRuntime,
    wallTime: () => 1_750_000_000_000,
    after(delay, action) {
      // Time limits of connections and answers stay as long as they are.
      if (delay === 10_000) return systemRuntime.after(delay, action);
      waits.push(delay);
      return systemRuntime.after(1, action);
    },
    waits,
  };
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly url: string | undefined;
}

let receiver: ListeningServer | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

async function deliver(statuses: readonly number[], options: Partial<WebhookOptions> = { secret }, alerts = [alert]) {
  const received: Received[] = [];
  receiver = await listen((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const status = statuses[received.length] ?? 200;
      received.push({ headers: request.headers, body, url: request.url });
      response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100_000));
    });
  });
  const undelivered: (readonly [number, number | undefined])[] = [];
  const runtime = hurried();
  const webhook = createWebhook({
    options: { url: `${receiver.url}/hook?team=ops`, ...options },
    runtime,
    onUndelivered: ({ threshold }, status) => undelivered.push([threshold, status]),
  });
  for (const each of alerts) webhook.send(each);
  return { received, undelivered, webhook, waits: runtime.waits };
}

describe('the webhook', () => {
  it('gets an alert as JSON, signed as Standard Webhooks describe', async () => {
    const { received, webhook } = await deliver([]);
    await until(() => received.length === 1);
    await webhook.close();
    const [{ headers, body, url } = { headers: {}, body: '', url: '' }] = received;
    expect(url).toBe('/hook?team=ops');
    const { type, ...data } = alert;
    expect(JSON.parse(body)).toEqual({ type, timestamp: '2025-06-15T15:06:40.000Z', data });
    const id = headers['webhook-id'];
    expect(id).toMatch(/^msg_.+/);
    expect(headers['webhook-timestamp']).toBe('1750000000');
    const digest = createHmac('sha256', secret)
      .update(`${String(id)}.1750000000.${body}`)
      .digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${digest}`);
    expect(body + JSON.stringify(headers)).not.toContain(secret);
  });

  it('is not signed without a secret', async () => {
    const { received, webhook } = await deliver([], {});
    await until(() => received.length === 1);
    await webhook.close();
    expect(received[0]?.headers['webhook-signature']).toBeUndefined();
  });

  it('is tried again, with the same id, after ever longer waits', async () => {
    const { received, webhook, waits, undelivered } = await deliver([500, 429, 503]);
    await until(() => received.length === 4);
    await webhook.close();
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(waits).toEqual([1_000, 5_000, 30_000]);
    expect(undelivered).toEqual([]);
  });

  it('is given up after an hour', async () => {
    const { received, undelivered, waits } = await deliver(Array.from({ length: 20 }, () => 503));
    await until(() => undelivered.length === 1);
    expect(undelivered).toEqual([[80, 503]]);
    expect(received).toHaveLength(7);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(3_600_000);
  });

  it.each([301, 307, 308, 400, 401, 404, 410])(
    'is given up at once on %d: nothing follows a redirect',
    async (status) => {
      const { received, undelivered } = await deliver([status]);
      await until(() => undelivered.length === 1);
      expect(undelivered).toEqual([[80, status]]);
      expect(received.map(({ url }) => url)).toEqual(['/hook?team=ops']);
    },
  );

  it('gets alerts one after another, in their order', async () => {
    const alerts = [80, 90, 100].map((threshold) => ({ ...alert, threshold }));
    const { received, webhook } = await deliver([500, 500], { secret }, alerts);
    await until(() => received.length === 5);
    await webhook.close();
    expect(received.map(({ body }) => JSON.parse(body).data.threshold)).toEqual([80, 80, 80, 90, 100]);
  });

  it('does not let alerts pile up when nobody takes them', async () => {
    const alerts = Array.from({ length: 1_050 }, (_, threshold) => ({ ...alert, threshold }));
    const webhook = createWebhook({
      options: { url: 'http://127.0.0.1:1/' },
      runtime: systemRuntime,
      onUndelivered: ({ threshold }) => lost.push(threshold),
    });
    const lost: number[] = [];
    for (const each of alerts) webhook.send(each);
    expect(lost).toHaveLength(50);
    await webhook.close();
    expect(lost).toHaveLength(1_050);
  });
});

describe('a signature', () => {
  it('is that of the reference implementation for a key of its own form', () => {
    // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: 1_614_265_330,
      body: '{"test": 2432232314}',
    };
    expect(signWebhook(message, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });
});
