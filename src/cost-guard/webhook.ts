import type { BudgetThresholdEvent } from '../core/events.ts';
import { patience } from '../core/patience.ts';
import type { Runtime, Timer } from '../core/runtime.ts';
import { createHttpClient, type Exchange, type HttpClient } from '../upstream/http-client.ts';
import type { WebhookOptions } from './options.ts';
import { signWebhook } from './sign-webhook.ts';

export interface WebhookInit {
  readonly options: WebhookOptions;
  readonly runtime: Runtime;
  /** An alert is given up, with the last answer's status where there was one. */
  readonly onUndelivered: (alert: BudgetThresholdEvent, status: number | undefined) => void;
}

export interface Webhook {
  send(alert: BudgetThresholdEvent): void;
  /** Lets the try under way end; what still waits is given up. */
  close(): Promise<void>;
}

/** Milliseconds before each further try; about an hour together. */
const waits = [1_000, 5_000, 30_000, 120_000, 600_000, 3_000_000] as const;
/** Milliseconds one try may take. */
const answerMs = 10_000;
/** Alerts that wait for a receiver who does not answer. */
const maxWaiting = 1_000;

interface Delivery {
  readonly alert: BudgetThresholdEvent;
  readonly id: string;
  readonly body: string;
  tries: number;
  status: number | undefined;
}

/**
 * Posts alerts one after another, in the order in which they were reached. Redirects are answers like any other: a signed
 * message goes where the operator said, and nowhere else.
 */
export function createWebhook({ options, runtime, onUndelivered }: WebhookInit): Webhook {
  const url = new URL(options.url);
  const client = createHttpClient({ origin: url.origin, connectTimeout: answerMs, runtime });
  const waiting: Delivery[] = [];
  let working: Promise<void> | undefined;
  let pause: { readonly timer: Timer; readonly end: () => void } | undefined;
  let closed = false;

  const giveUp = (delivery: Delivery): void => onUndelivered(delivery.alert, delivery.status);

  const rest = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        pause = undefined;
        resolve();
      };
      pause = { timer: runtime.after(milliseconds, end), end };
    });

  async function work(): Promise<void> {
    for (let next = waiting[0]; next !== undefined && !closed; next = waiting[0]) {
      next.status = await post(client, url, signed(next));
      next.tries += 1;
      const wait = waits[next.tries - 1];
      if (isTaken(next.status)) waiting.shift();
      else if (closed || wait === undefined || isFinal(next.status)) giveUp(waiting.shift() ?? next);
      else await rest(wait);
    }
    working = undefined;
  }

  function signed({ id, body }: Delivery): { readonly headers: string[]; readonly body: string } {
    const timestamp = Math.floor(runtime.wallTime() / 1_000);
    const headers = ['content-type', 'application/json', 'user-agent', 'ai-gateway-middleware'];
    headers.push('webhook-id', id, 'webhook-timestamp', String(timestamp));
    if (options.secret !== undefined) {
      headers.push('webhook-signature', signWebhook({ id, timestamp, body }, options.secret));
    }
    return { headers, body };
  }

  return {
    send(alert) {
      const id = `msg_${runtime.newId()}`;
      const { type, ...data } = alert;
      const timestamp = new Date(runtime.wallTime()).toISOString();
      const delivery = { alert, id, body: JSON.stringify({ type, timestamp, data }), tries: 0, status: undefined };
      if (closed || waiting.length >= maxWaiting) {
        giveUp(delivery);
        return;
      }
      waiting.push(delivery);
      working ??= work();
    },
    async close() {
      closed = true;
      pause?.timer.cancel();
      pause?.end();
      await working;
      for (const delivery of waiting.splice(0)) giveUp(delivery);
      await client.close();
    },
  };

  /** Resolves to the status, `undefined` when there was no answer. */
  function post(
    to: HttpClient,
    { pathname, search }: URL,
    message: { readonly headers: string[]; readonly body: string },
  ): Promise<number | undefined> {
    return new Promise((resolve) => {
      let exchange: Exchange | undefined;
      let status: number | undefined;
      const end = (answered: number | undefined): void => {
        timer.cancel();
        resolve(answered);
      };
      const timer = patience(runtime, answerMs, () => {
        exchange?.abort();
        end(undefined);
      });
      exchange = to.post(
        { path: pathname + search, ...message },
        {
          onHead(answered) {
            status = answered;
            end(status);
            // Whatever the receiver has to say beyond its status is not read.
            exchange?.abort();
          },
          onData() {},
          onEnd: () => end(status),
          onFault: () => end(status),
        },
      );
    });
  }
}

function isTaken(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** The receiver will not say anything else the next time. */
function isFinal(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status < 500 && ![408, 409, 425, 429].includes(status);
}
