import express, { type RequestHandler } from 'express';
import { failover } from '../../../src/index.ts';
import type { ProviderOptions, ProvidersOptions } from '../../../src/providers/options.ts';
import { type FakeProvider, startFakeProvider } from '../../../src/testing/index.ts';
import { endpointProviders } from '../../support/endpoint-providers.ts';
import { listen } from '../../support/test-app.ts';
import { takeRefusals } from './take-refusals.ts';

export interface FailoverApp {
  /** Where failover answers: any client's base URL starts with it. */
  readonly url: string;
  readonly wall: FakeProvider;
  /** Settles, forgets all calls, and says why the provider refused some. */
  rest(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface FailoverAppOptions {
  readonly providers: (wall: FakeProvider) => ProvidersOptions;
  /** What requests meet before failover. */
  readonly inFront?: RequestHandler;
}

/** An Express app with failover, in front of a fake provider that is asked once, on a real socket. */
export async function startFailoverApp({ providers, inFront }: FailoverAppOptions): Promise<FailoverApp> {
  const wall = await startFakeProvider();
  const app = express();
  if (inFront !== undefined) app.use('/gateway', inFront);
  app.use('/gateway', failover({ providers: providers(wall), retries: 0 }));
  const listening = await listen(app);
  return {
    url: `${listening.url}/gateway`,
    wall,
    rest: () => takeRefusals(wall),
    async close() {
      await listening.close();
      await wall.close();
    },
  };
}

/** Every vendor by name, and those given, none of which is waited for long. */
export function impatientProviders(wall: FakeProvider, more: Record<string, ProviderOptions> = {}): ProvidersOptions {
  const timeouts = { idle: '300ms', firstToken: '2s' } as const;
  const entries = Object.entries({ ...endpointProviders(wall), ...more });
  return Object.fromEntries(entries.map(([name, entry]) => [name, { ...entry, timeouts }]));
}
