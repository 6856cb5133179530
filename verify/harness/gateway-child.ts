import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayConfig } from '../../src/gateway/config/schema.ts';
import type { Measure } from './measure.ts';

/** What a gateway in a process of its own says of itself, after a collection of garbage. */
export interface Vitals {
  /** Bytes. */
  readonly rss: number;
  readonly heapUsed: number;
  /** What keeps the process's event loop alive: sockets, servers, timers. */
  readonly handles: number;
  /** Timers of the gateway that are pending. */
  readonly timers: number;
  /** Connections of clients. */
  readonly connections: number;
  /** Warnings and unhandled errors of the process. */
  readonly troubles: number;
  /** Lines logged about calls. */
  readonly callLines: number;
  /** Other lines that were logged as warnings or errors. */
  readonly complaints: readonly string[];
  readonly calls: number;
  readonly settlements: number;
  readonly measures: readonly Measure[];
}

export interface GatewayChild {
  /** Where chat completions are posted. */
  readonly url: string;
  readonly port: number;
  vitals(): Promise<Vitals>;
  /** Ends it as an orchestrator does, by SIGTERM: its exit code, or the signal that ended it after all. */
  terminate(): Promise<number | string>;
  /** `kill -9`. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface GatewayChildSettings {
  /** Milliseconds that calls under way have after SIGTERM. @default the gateway's own */
  readonly grace?: number;
}

/** Starts a gateway in a process of its own. */
export async function startGatewayChild(
  config: GatewayConfig,
  settings: GatewayChildSettings = {},
): Promise<GatewayChild> {
  const child = fork(
    new URL('gateway-process.ts', import.meta.url),
    [JSON.stringify(config), JSON.stringify(settings)],
    {
      execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
      // Several starts share what Node makes of the sources.
      env: {
        PATH: process.env.PATH ?? '',
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: join(tmpdir(), 'ai-gateway-verify-cache'),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const { port } = await answerOf<{ readonly port: number }>(child);
  const ended = (end: () => void): Promise<number | string> => {
    const gone = new Promise<number | string>((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    });
    end();
    return gone;
  };
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    port,
    vitals() {
      const vitals = answerOf<Vitals>(child);
      child.send('vitals');
      return vitals;
    },
    terminate: () => ended(() => child.kill('SIGTERM')),
    async kill() {
      await ended(() => child.kill('SIGKILL'));
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) await ended(() => child.disconnect());
    },
  };
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('The gateway process ended.'));
    child.once('exit', onExit);
    child.once('message', (answer: Answer) => {
      child.off('exit', onExit);
      resolve(answer);
    });
  });
}
