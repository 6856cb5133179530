import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import express5 from 'express';
import type { Call } from '../../src/core/call.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import type { GatewayEvent } from '../../src/core/events.ts';
import { type Runtime, systemRuntime } from '../../src/core/runtime.ts';
import type { AttemptRecord, Settlement } from '../../src/core/settlement.ts';
import { hardenServer } from '../../src/express/harden-server.ts';
import { mount } from '../../src/express/mount.ts';
import { createFailover, type FailoverCapability, type FailoverOptions } from '../../src/failover/index.ts';
import type { ProviderOptions } from '../../src/providers/options.ts';
import type { FakeProvider } from '../../src/testing/index.ts';

/** Sees every call and every attempt of an app, and what became of them. */
export interface Witness {
  readonly capability: Capability;
  readonly calls: Call[];
  readonly settlements: Settlement[];
  readonly started: AttemptRecord[];
  readonly settled: AttemptRecord[];
}

export function createWitness(): Witness {
  const calls: Call[] = [];
  const settlements: Settlement[] = [];
  const started: AttemptRecord[] = [];
  const settled: AttemptRecord[] = [];
  const capability: Capability = {
    name: 'witness',
    onHead(call) {
      calls.push(call);
      return pass;
    },
    onAttempt: (_call, attempt) => void started.push(attempt),
    onAttemptSettled: (_call, attempt) => void settled.push(attempt),
    onSettled(call, settlement) {
      // A request that no capability was asked about is a call as well.
      if (settlement.error?.code === 'invalid_headers') calls.push(call);
      settlements.push(settlement);
    },
  };
  return { capability, calls, settlements, started, settled };
}

/** The system's runtime, counting the timers that are pending. */
export function countingRuntime(base: Runtime = systemRuntime): Runtime & { pendingTimers(): number } {
  let pending = 0;
  return {
    ...base,
    after(delay, action) {
      pending += 1;
      let open = true;
      const close = (): void => {
        if (open) pending -= 1;
        open = false;
      };
      const timer = base.after(delay, () => {
        close();
        action();
      });
      return {
        cancel() {
          close();
          timer.cancel();
        },
      };
    },
    pendingTimers: () => pending,
  };
}

/** Polls until the condition holds; fails after `timeout` milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, timeout = 60_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Not so within ${timeout} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface ListeningServer {
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

export async function listen(handler: Parameters<typeof createServer>[1]): Promise<ListeningServer> {
  const server = hardenServer(createServer(handler ?? (() => {})));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface GatewayApp extends ListeningServer {
  readonly witness: Witness;
  readonly failover: FailoverCapability;
  readonly events: GatewayEvent[];
  readonly runtime: ReturnType<typeof countingRuntime>;
  /**
   * What must hold whenever nothing is under way: every call settled exactly once, every attempt has one complete
   * record, no socket towards a provider is in use and no timer is left.
   */
  checkInvariants(): Promise<void>;
}

export interface GatewayAppOptions extends FailoverOptions {
  /** Capabilities between the witness and failover. */
  readonly inFront?: readonly Capability[];
  readonly bodyLimit?: number;
  readonly walls?: readonly FakeProvider[];
  /** Where failover answers. @default '/v1/chat/completions' */
  readonly path?: string;
}

/** An Express app with a witness, what else is asked for, and failover, on a real socket. */
export async function startGatewayApp(options: GatewayAppOptions): Promise<GatewayApp> {
  const { inFront = [], bodyLimit, walls = [], path = '/v1/chat/completions', ...failoverOptions } = options;
  const witness = createWitness();
  const events: GatewayEvent[] = [];
  const runtime = countingRuntime();
  const failover = createFailover(
    { onEvent: (event) => void events.push(event), ...failoverOptions },
    { runtime, environment: {} },
  );
  const app = express5();
  app.disable('x-powered-by');
  const mountOptions = { runtime, ...(bodyLimit !== undefined && { bodyLimit }) };
  for (const capability of [witness.capability, ...inFront]) app.use(mount(capability, mountOptions));
  app.use(path, mount(failover, mountOptions));
  const listening = await listen(app);
  return {
    ...listening,
    witness,
    failover,
    events,
    runtime,
    async checkInvariants() {
      await until(() => witness.settlements.length >= witness.calls.length);
      for (const wall of walls) await wall.whenIdle();
      await until(() => runtime.pendingTimers() === 0);
      expect(witness.settlements).toHaveLength(witness.calls.length);
      expect(witness.settled).toHaveLength(witness.started.length);
      expect(new Set(witness.settled).size).toBe(witness.settled.length);
      for (const record of witness.settled)
        expect(record).toMatchObject({ status: expect.any(String), endedAt: expect.any(Number) });
      for (const settlement of witness.settlements) {
        expect(settlement.attempts.every((attempt) => attempt.status !== undefined)).toBe(true);
      }
    },
    async close() {
      await listening.close();
      await failover.close();
    },
  };
}

/** Provider options for a fake provider, under the three names whose dialects it speaks. */
export function wallProviders(
  wall: FakeProvider,
  options: Partial<ProviderOptions> = {},
): Readonly<Record<'openai' | 'anthropic' | 'gemini', ProviderOptions>> {
  const apiKey = 'provider-key-canary-0123456789';
  return {
    openai: { apiKey, baseUrl: wall.baseUrl('openai-chat'), ...options },
    anthropic: { apiKey, baseUrl: wall.baseUrl('anthropic-messages'), ...options },
    gemini: { apiKey, baseUrl: wall.baseUrl('gemini'), ...options },
  };
}

/** Posts a chat request; the whole body as text, also of a stream, and how the transfer ended. */
export async function chat(
  url: string,
  body: object | string | Uint8Array,
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; text: string; broken: boolean }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...init,
    body: typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
  });
  let text = '';
  let broken = false;
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  } catch {
    broken = true;
  }
  return { status: response.status, headers: response.headers, text, broken };
}
