import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { GatewayEvent } from '../../src/core/events.ts';
import { type LogEntry, providerEvents } from '../../src/telemetry/index.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

const document = readFileSync(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
const target = 'openai/gpt-4o';

/** One of each, with every field. */
const events: { readonly [Type in GatewayEvent['type']]: Extract<GatewayEvent, { type: Type }> } = {
  'target-ejected': { type: 'target-ejected', target, durationMs: 30_000, consecutiveFailures: 5, timesEjected: 1 },
  'target-probing': { type: 'target-probing', target },
  'target-recovered': { type: 'target-recovered', target },
  'failed-over': { type: 'failed-over', callId: 'c-1', from: target, to: 'anthropic/claude', fault: 'server_error' },
  'upstream-auth-failed': { type: 'upstream-auth-failed', callId: 'c-1', target, keyNumber: 2, fault: 'Error' },
  'upstream-quota-exhausted': { type: 'upstream-quota-exhausted', callId: 'c-1', target, keyNumber: 1 },
  'target-misconfigured': { type: 'target-misconfigured', callId: 'c-1', target, fault: 'model_not_found' },
  'invalid-utf8': { type: 'invalid-utf8', callId: 'c-1', target },
  'budget-threshold': {
    type: 'budget-threshold',
    budget: 'team-month',
    scope: 'team',
    value: 'search',
    threshold: 80,
    spentNanoUsd: 80_000_000_000,
    limitNanoUsd: 100_000_000_000,
    resetAt: '2025-07-01T00:00:00+02:00',
  },
  'budget-alert-undelivered': {
    type: 'budget-alert-undelivered',
    budget: 'team-month',
    threshold: 80,
    status: 503,
  },
  'budget-store-failed': { type: 'budget-store-failed', operation: 'reserve', reason: 'ECONNREFUSED' },
  'budget-use-lost': { type: 'budget-use-lost', reservation: 'r-1', nanoUsd: 12_000 },
  'model-unpriced': { type: 'model-unpriced', callId: 'c-1', target },
  'limit-store-failed': { type: 'limit-store-failed', reason: 'RedisUnavailableError' },
  'limit-exceeded-in-shadow': { type: 'limit-exceeded-in-shadow', callId: 'c-1', limit: 'key-requests-60s' },
};

function listening() {
  const lines: LogEntry[] = [];
  const runtime = manualRuntime();
  return { lines, runtime, listener: providerEvents({ logger: { log: (entry) => lines.push(entry) } }, runtime) };
}

describe('the line of an event', () => {
  it('has the level and the fields the documentation lists', () => {
    const rows = [...document.matchAll(/^\| `([a-z0-9-]+)` \| (info|warn|error) \| (.+) \|$/gm)].map((match) => [
      match[1],
      { level: match[2], fields: [...(match[3] ?? '').matchAll(/`([a-z_]+)`/g)].map((field) => field[1]) },
    ]);
    const written = Object.values(events).map((event) => {
      const { lines, listener } = listening();
      listener(event);
      const { level, message, time, ...rest } = lines[0] ?? { level: 'none', message: '', time: '' };
      expect(message).toBe(event.type);
      expect(time).toBe('2025-06-15T15:06:40.000Z');
      return [event.type, { level, fields: Object.keys(rest) }];
    });
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(rows));
  });

  it('keeps its values', () => {
    const { lines, listener } = listening();
    listener(events['target-ejected']);
    expect(lines).toMatchObject([{ target, duration_ms: 30_000, consecutive_failures: 5, times_ejected: 1 }]);
  });

  it.each(['upstream-auth-failed', 'upstream-quota-exhausted', 'target-misconfigured', 'invalid-utf8'] as const)(
    'comes once a minute for the standing fault %s of one target, with the number left unsaid',
    (type) => {
      const { lines, runtime, listener } = listening();
      for (let index = 0; index < 1_000; index += 1) listener(events[type]);
      expect(lines).toHaveLength(1);
      listener({ ...events[type], target: 'openai/other' });
      expect(lines).toHaveLength(2);
      runtime.advance(60_000);
      listener(events[type]);
      expect(lines).toHaveLength(3);
      expect(lines[2]).toMatchObject({ message: type, repeated: 999 });
      runtime.advance(60_000);
      listener(events[type]);
      expect(lines[3]).not.toHaveProperty('repeated');
    },
  );

  it.each(['target-ejected', 'target-probing', 'target-recovered', 'failed-over'] as const)(
    'comes each time for %s',
    (type) => {
      const { lines, listener } = listening();
      for (let index = 0; index < 3; index += 1) listener(events[type]);
      expect(lines).toHaveLength(3);
    },
  );

  it('is left out below the level', () => {
    const lines: LogEntry[] = [];
    const listener = providerEvents({ logger: { log: (entry) => lines.push(entry) }, logLevel: 'error' });
    for (const event of Object.values(events)) listener(event);
    expect(lines.map((line) => line.level)).toEqual(Array.from({ length: 7 }, () => 'error'));
  });

  it('is remembered for a bounded number of targets', () => {
    const { lines, listener } = listening();
    for (let index = 0; index < 100_000; index += 1) listener({ ...events['invalid-utf8'], target: `p/${index}` });
    expect(lines).toHaveLength(100_000);
  });
});
