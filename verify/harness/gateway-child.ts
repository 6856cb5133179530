import { type ChildProcess, fork } from 'node:child_process';
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
  readonly calls: number;
  readonly settlements: number;
  readonly measures: readonly Measure[];
}

export interface GatewayChild {
  /** Where chat completions are posted. */
  readonly url: string;
  readonly port: number;
  vitals(): Promise<Vitals>;
  stop(): Promise<void>;
}

/** Starts a gateway in a process of its own. */
export async function startGatewayChild(config: GatewayConfig): Promise<GatewayChild> {
  const child = fork(new URL('gateway-process.ts', import.meta.url), [JSON.stringify(config)], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { port } = await answerOf<{ readonly port: number }>(child);
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    port,
    vitals() {
      const vitals = answerOf<Vitals>(child);
      child.send('vitals');
      return vitals;
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await gone;
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
