import { type Capability, pass } from '../../src/core/capability.ts';
import type { Duration } from '../../src/core/units.ts';
import type { ProviderOptions } from '../../src/providers/options.ts';
import type { FakeProvider } from '../../src/testing/index.ts';
import { everyDialectAt } from './providers.ts';

/** A call, and how it is to end. */
export interface CallExit {
  readonly name: string;
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds after which the caller goes. */
  readonly leaves?: number;
}

const messages = [{ role: 'user', content: 'write 8 words' }];

/**
 * Every way a call can end, with `exitProviders` behind and `breaks` in front of the terminal. Models are named by the
 * round, so that no target is ejected for what it was asked to do.
 */
export function callExits(round: number): readonly CallExit[] {
  const named = (provider: string, fault: string) => `${provider}/m${round}-${fault}`;
  return [
    { name: 'a whole answer', body: { model: named('openai', 'ok'), messages } },
    { name: 'a stream', body: { model: named('anthropic', 'ok'), messages, stream: true } },
    { name: 'a 4xx of the provider', body: { model: named('openai', 'e400'), messages } },
    { name: 'a 5xx of the provider', body: { model: named('gemini', 'e500'), messages } },
    { name: 'no connection', body: { model: `gone/m${round}`, messages } },
    { name: 'a timeout', body: { model: named('openai', 'nohdr'), messages } },
    { name: 'a cut in the middle of a stream', body: { model: named('openai', 'cut(2)'), messages, stream: true } },
    { name: 'a hook that throws', body: { model: named('openai', 'ok'), messages }, headers: { 'x-break': 'yes' } },
    { name: 'a request that is none', body: '{"model": ' },
    { name: 'a model nobody has', body: { model: 'nobody/has-it', messages } },
    { name: 'a caller that goes at once', body: { model: named('openai', 'nohdr'), messages }, leaves: 0 },
    { name: 'a caller that goes before the answer', body: { model: named('openai', 'nohdr'), messages }, leaves: 20 },
    {
      name: 'a caller that goes before the first output',
      body: { model: named('anthropic', 'stall(0)'), messages, stream: true },
      leaves: 20,
    },
    {
      name: 'a caller that goes in the middle of a stream',
      body: { model: named('gemini', 'pace(10)'), messages, stream: true },
      leaves: 30,
    },
  ];
}

/** The providers that calls of `callExits` go to. `patience` is what a silent one costs, and more than a good one takes. */
export function exitProviders(
  wall: FakeProvider,
  patience: Duration = '1s',
): Readonly<Record<string, ProviderOptions>> {
  return {
    ...everyDialectAt(wall, { timeouts: { firstToken: patience, idle: patience } }),
    gone: { type: 'openai-compatible', apiKey: 'key', baseUrl: 'http://127.0.0.1:1/v1' },
  };
}

/** Throws for who asks for it: in front of the terminal, behind what is to be tested. */
export const breaks: Capability = {
  name: 'breaks',
  onHead(call) {
    if (call.header('x-break') !== undefined) throw new Error('A hook broke.');
    return pass;
  },
};
