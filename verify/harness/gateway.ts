import { createServer } from 'node:http';
import express from 'express';
import type { Capability } from '../../src/core/capability.ts';
import type { GatewayEvent } from '../../src/core/events.ts';
import { type Runtime, systemRuntime } from '../../src/core/runtime.ts';
import { hardenServer } from '../../src/express/harden-server.ts';
import { mount } from '../../src/express/mount.ts';
import { createFailover, type FailoverCapability, type FailoverOptions } from '../../src/failover/index.ts';
import { Books } from './books.ts';

export interface GatewayUnderTest {
  /** Where chat completions are posted. */
  readonly url: string;
  readonly books: Books;
  readonly failover: FailoverCapability;
  /** How often each kind of event happened. */
  readonly events: ReadonlyMap<GatewayEvent['type'], number>;
  /** Resolves when every call has settled. @throws when one has not after 30 s */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface GatewayUnderTestOptions extends FailoverOptions {
  /** What stands between the books and failover. */
  readonly inFront?: readonly Capability[];
}

/** An Express app with failover and somebody who keeps books, on a socket of its own. */
export async function startGateway(
  { inFront = [], ...options }: GatewayUnderTestOptions,
  runtime: Runtime = systemRuntime,
): Promise<GatewayUnderTest> {
  const books = new Books();
  const events = new Map<GatewayEvent['type'], number>();
  const onEvent = (event: GatewayEvent): void => void events.set(event.type, (events.get(event.type) ?? 0) + 1);
  const failover = createFailover({ onEvent, ...options }, { runtime, environment: {} });
  const app = express();
  for (const capability of [books.capability, ...inFront, failover]) app.use(mount(capability, { runtime }));
  const server = hardenServer(createServer(app));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    books,
    failover,
    events,
    settled: () => eventually('every call has settled', () => books.settlements >= books.calls),
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await failover.close();
    },
  };
}

/** Waits until something holds. @throws naming it when it does not within `timeout` milliseconds */
export async function eventually(what: string, holds: () => boolean, timeout = 30_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`Not so within ${timeout} ms: ${what}.`);
    await pause(5);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
