import { createServer } from 'node:http';
import express from 'express';
import { type Runtime, systemRuntime } from '../../src/core/runtime.ts';
import { hardenServer } from '../../src/express/harden-server.ts';
import { mount } from '../../src/express/mount.ts';
import type { GatewayConfig } from '../../src/gateway/config/schema.ts';
import { createGateway } from '../../src/gateway/create-gateway.ts';
import type { LogEntry } from '../../src/telemetry/options.ts';
import { Books } from './books.ts';
import type { GatewayChildSettings, Vitals } from './gateway-child.ts';

/*
 * A whole gateway in a process of its own, whose memory and handles are nobody else's. It is told its configuration in its
 * first argument, answers every message with its vital signs, ends gracefully on SIGTERM, and ends with its parent.
 */

const config: GatewayConfig = JSON.parse(process.argv[2] ?? '{}');
const { grace }: GatewayChildSettings = JSON.parse(process.argv[3] ?? '{}');
const books = new Books();
let troubles = 0;
let callLines = 0;
let timers = 0;

for (const event of ['warning', 'unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (what: unknown) => {
    troubles += 1;
    process.stderr.write(`${event}: ${String(what)}\n`);
  });
}

const runtime: Runtime = {
  ...systemRuntime,
  after(delay, action) {
    timers += 1;
    let pending = true;
    const over = (): void => {
      if (pending) timers -= 1;
      pending = false;
    };
    const timer = systemRuntime.after(delay, () => {
      over();
      action();
    });
    return {
      cancel() {
        over();
        timer.cancel();
      },
    };
  },
};

const complaints: string[] = [];
const logger = {
  log: ({ level, message }: LogEntry) => {
    if (message === 'call') callLines += 1;
    else if (level === 'warn' || level === 'error') complaints.push(message);
  },
};
const app = express();
app.use(mount(books.capability, { runtime }));
const gateway = createGateway(config, { runtime, logger, environment: {} });
app.use('/v1', gateway);
const server = hardenServer(createServer(app));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 });
});

process.on('message', () => void tellVitals());
process.on('disconnect', () => process.exit());
// It listens on: whoever asks meanwhile is told that it shuts down.
process.once('SIGTERM', () => void gateway.close(grace).then(() => process.exit(0)));

async function tellVitals(): Promise<void> {
  const connections = await new Promise<number>((resolve) => {
    server.getConnections((_error, count) => resolve(count));
  });
  // Twice: what only finalizers still held is free after the second.
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const vitals: Vitals = {
    rss,
    heapUsed,
    handles: process.getActiveResourcesInfo().length,
    timers,
    connections,
    troubles,
    callLines,
    complaints,
    calls: books.calls,
    settlements: books.settlements,
    measures: books.invariants(),
  };
  process.send?.(vitals);
}
