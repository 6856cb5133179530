import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DialectName } from '../../src/core/dialect-name.ts';
import type { ChatEvent } from '../../src/dialects/canonical.ts';
import { collectEvents } from '../../src/dialects/collect.ts';
import { dialectOf } from '../../src/dialects/index.ts';
import type { ProviderOptions } from '../../src/providers/options.ts';
import { type FaultName, faultDefinition, faultNames } from '../../src/testing/faults/fault-table.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { playedProviders } from '../../verify/harness/providers.ts';
import { callerForms } from '../support/callers.ts';
import { decodeWireEvents, headerReader } from '../support/corpus.ts';
import { until } from '../support/test-app.ts';
import { type GatewayServer, startGateway } from './support/gateway-app.ts';

/*
 * PT, FO, HC: every fault a provider can have, in every dialect a provider can speak, as seen by callers of every
 * dialect. Whatever happens, a caller gets the whole answer, or an error in its own dialect, or a connection that
 * breaks after one; never less than the answer as if it were the answer.
 */

/** Memory and time are looked at elsewhere, chance by its own test. */
const elsewhere: ReadonlySet<FaultName> = new Set(['bomb', 'longline', 'flaky', 'trickle', 'slow', 'pace']);
const faults = faultNames.filter((name) => !elsewhere.has(name));

const callers = Object.keys(callerForms) as DialectName[];
const providers = Object.keys(playedProviders) as PlayedDialect[];
const question = 'write 12 words';
const wholeText = Array.from({ length: 12 }, (_, index) => `word${index + 1}`).join(' ');

/** Whatever ends in silence is waited for; nothing else may fail because the machine is busy. */
const silent: ReadonlySet<FaultName> = new Set(['nohdr', 'stall']);
const impatient = { firstToken: '2s', idle: '700ms' } as const;
const patient = { connect: '60s', firstToken: '60s', idle: '60s' } as const;

let wall: FakeProvider;
let server: GatewayServer;
let asked = 0;

/** Each fault meets an instance of its own, so that none is held against another. */
const instanceName = (provider: PlayedDialect, fault: FaultName): string => `${provider}-${fault.replaceAll('_', '-')}`;

beforeAll(async () => {
  wall = await startFakeProvider();
  const instances: Record<string, ProviderOptions> = {};
  for (const provider of providers) {
    for (const fault of faults) {
      const options = playedProviders[provider](wall);
      instances[instanceName(provider, fault)] = { ...options, timeouts: silent.has(fault) ? impatient : patient };
    }
  }
  server = await startGateway({
    config: { providers: instances, failover: { retries: 0 }, telemetry: { logLevel: 'info' } },
    path: '/v1',
  });
});
afterAll(async () => {
  await wall.whenIdle();
  await until(() => server.lines.filter((line) => line.message === 'call').length >= asked);
  expect(JSON.stringify(server.lines)).not.toContain('canary');
  await server.close();
  await wall.close();
});

interface Seen {
  /** The whole answer; an error instead of one; an answer that broke off with an error. */
  readonly end: 'answered' | 'refused' | 'broken';
  readonly text: string;
  readonly status: number;
}

async function ask(caller: DialectName, model: string, stream: boolean): Promise<Seen> {
  const form = callerForms[caller];
  if (form === undefined) throw new Error(`Nobody calls in ${caller}.`);
  asked += 1;
  const response = await fetch(`${server.url}/v1${form.path(model, stream)}`, {
    method: 'POST',
    body: JSON.stringify(form.body({ model, text: question, stream })),
  });
  const chunks: Buffer[] = [];
  let broken = false;
  try {
    for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk));
  } catch {
    broken = true;
  }
  const bytes = Buffer.concat(chunks);
  const { status } = response;
  if (status >= 400) return refusal(caller, { status, headers: response.headers, bytes, broken });
  return stream ? streamed(caller, bytes, broken) : whole(caller, bytes, broken);
}

interface Refused {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly broken: boolean;
}

/** An error answer must be whole and readable in the caller's own dialect. */
function refusal(caller: DialectName, { status, headers, bytes, broken }: Refused): Seen {
  const reader = headerReader(Object.fromEntries(headers));
  const fault = dialectOf(caller).error.decode(status, reader, bytes);
  if (broken || fault.message === '') throw new Error(`${caller} cannot read the error: ${bytes.toString()}`);
  return { end: 'refused', text: '', status };
}

function whole(caller: DialectName, bytes: Buffer, broken: boolean): Seen {
  const decoded = dialectOf(caller).response.decode(JSON.parse(bytes.toString()));
  if (broken || 'fault' in decoded) throw new Error(`A whole answer is none: ${bytes.toString()}`);
  return { end: 'answered', text: textOf(decoded.answer.choices[0]?.parts ?? []), status: 200 };
}

function streamed(caller: DialectName, bytes: Buffer, broken: boolean): Seen {
  const { stream } = dialectOf(caller);
  const events: ChatEvent[] = [];
  const frames: { event: string | undefined; data: string }[] = [];
  const reader = stream.framing.reader(({ event, data }) => {
    if (data !== undefined) frames.push({ event, data });
  });
  reader.push(bytes);
  reader.end();
  events.push(...decodeWireEvents(stream.decoder(), frames));
  const last = events.at(-1)?.type;
  if (!broken && last === 'done') {
    return { end: 'answered', text: textOf(collectEvents(events).choices[0]?.parts ?? []), status: 200 };
  }
  // Both are needed: clients that read the error, and clients that only notice the connection.
  if (!broken || last !== 'error') throw new Error(`broken ${broken}, last ${last}: ${bytes.toString().slice(-400)}`);
  const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
  return { end: 'broken', text, status: 200 };
}

function textOf(parts: readonly { readonly type: string; readonly text?: string }[]): string {
  return parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? (part.text ?? '') : '')).join('');
}

function expressionOf(fault: FaultName): string {
  const { argument } = faultDefinition(fault);
  if (argument === undefined || argument.default !== undefined) return fault;
  return `${fault}(${argument.kind === 'url' ? `${wall.url}/elsewhere` : argument.kind === 'bytes' ? 7 : 3})`;
}

/** How a call may end that meets this fault. */
function allowed(fault: FaultName, stream: boolean): readonly Seen['end'][] {
  const { group } = faultDefinition(fault);
  switch (group) {
    case 'answer':
      // Gemini stops a prompt with an answer that has no text.
      return fault === 'content_filter' ? ['answered', 'refused'] : ['refused'];
    case 'hint':
      return ['refused'];
    case 'ending':
      if (fault === 'no_done') return ['answered', 'broken'];
      return stream ? ['broken', 'refused'] : ['refused'];
    case 'shape':
    case 'headers':
      return ['answered', 'refused', 'broken'];
    default:
      return ['answered'];
  }
}

describe.each(providers)('a provider that speaks %s', (provider) => {
  it.each(['whole', 'stream'])('PT-01 FO-01 HC-01: no fault passes for an answer, whoever asks (%s)', async (mode) => {
    const stream = mode === 'stream';
    const asking = callers.flatMap((caller) =>
      faults.map(async (fault) => {
        const model = `${instanceName(provider, fault)}/demo-small+${expressionOf(fault)}`;
        const seen = await ask(caller, model, stream).catch((thrown: unknown) => {
          throw new Error(`${caller}, ${fault}: ${String(thrown)}`, { cause: thrown });
        });
        return { caller, fault, ...seen };
      }),
    );
    const ends = await Promise.all(asking);
    for (const { caller, fault, end, text } of ends) {
      const place = `${caller}, ${fault}: ${end}`;
      expect({ place, allowed: allowed(fault, stream).includes(end) }).toEqual({ place, allowed: true });
      if (fault === 'badutf8' || fault === 'ignore_max_tokens' || fault === 'content_filter') continue;
      if (end === 'answered') expect({ place, text }).toEqual({ place, text: wholeText });
      else expect({ place, begins: wholeText.startsWith(text) }).toEqual({ place, begins: true });
    }
    const answered = ends.filter(({ end }) => end === 'answered');
    expect(answered.length).toBeGreaterThan(8 * callers.length);
  });
});
