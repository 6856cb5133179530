import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { Runtime } from '../../src/core/runtime.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import type { KongPlugin } from '../../src/kong/index.ts';
import type { Kong } from '../../src/kong/kong-pdk.ts';
import { type OperatorLog, operatorLog } from '../../src/kong/operator-log.ts';
import { PluginServer } from '../../src/kong/plugin-server.ts';
import { listen } from '../../src/kong/socket-server.ts';
import { FakeKong } from '../support/fake-kong.ts';

export interface RunningServer {
  readonly server: PluginServer;
  readonly kong: FakeKong;
  /** What the server has logged, parsed. */
  readonly lines: readonly Record<string, unknown>[];
  readonly path: string;
  stop(): void;
}

interface StartOptions {
  readonly plugins: readonly KongPlugin[];
  readonly runtime?: Runtime;
  readonly deadline?: number;
  readonly path?: string;
  readonly log?: OperatorLog;
}

export const faultAnswer = [500, '{"error":{"code":"internal_error"}}', { 'content-type': 'application/json' }];

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A log whose lines can be read. */
export function recordedLog(runtime: Runtime = systemRuntime) {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: operatorLog(runtime, (row) => lines.push(JSON.parse(row))) };
}

/** A plugin server on a socket, and a worker of Kong that talks to it. Stopped after the test. */
export async function start(options: StartOptions): Promise<RunningServer> {
  const runtime = options.runtime ?? systemRuntime;
  const recorded = recordedLog(runtime);
  const log = options.log ?? recorded.log;
  const path = options.path ?? join(mkdtempSync(join(tmpdir(), 'aigw-')), 'kong.sock');
  const server = new PluginServer({
    plugins: options.plugins,
    runtime,
    log,
    deadline: options.deadline ?? 10_000,
    faultAnswer,
  });
  const connections = new Set<{ destroy(): void }>();
  const listening = await listen({ path, server, log });
  listening.on('connection', (socket) => connections.add(socket));
  const kong = new FakeKong(path);
  const stop = (): void => {
    kong.close();
    for (const connection of connections) connection.destroy();
    listening.close();
  };
  cleanups.push(stop);
  return { server, kong, lines: recorded.lines, path, stop };
}

/** A plugin of one phase. */
export function plugin(
  name: string,
  access: (kong: Kong, config: Record<string, unknown>) => Promise<void>,
  phase: 'access' | 'log' = 'access',
): KongPlugin {
  class TestPlugin {
    readonly #config: Record<string, unknown>;
    constructor(config: unknown) {
      this.#config = Object(config);
    }
    access(kong: Kong): Promise<void> {
      return access(kong, this.#config);
    }
  }
  if (phase === 'log') {
    Object.defineProperty(TestPlugin.prototype, 'log', { value: TestPlugin.prototype.access });
  }
  return { Name: name, Version: '1', Priority: 1, Schema: [], Plugin: TestPlugin };
}
