import { describe, expect, it } from '@jest/globals';
import type { FaultKind } from '../../src/dialects/canonical.ts';
import {
  type AttemptProgress,
  decideFault,
  defaultFailoverCauses,
  type FailoverCause,
  type FaultFacts,
} from '../../src/routing/fault-policy.ts';

const defaults = { on: defaultFailoverCauses };
const everyCause: readonly FailoverCause[] = [
  'rate_limit',
  'timeout',
  'server_error',
  'connection',
  'auth',
  'context_window',
  'content_filter',
];
const everyKind: readonly FaultKind[] = [
  'rate_limit',
  'quota',
  'timeout',
  'server_error',
  'connection',
  'auth',
  'context_window',
  'content_filter',
  'model_not_found',
  'invalid_request',
  'invalid_response',
];
const everyProgress: readonly AttemptProgress[] = ['unsent', 'sent', 'answered', 'committed'];

/** `S` same target, `N` next target, `H` counts against health, `A` alerts, `r`/`o` the key rests / is out. */
function summary(kind: FaultKind, facts: FaultFacts, policy = defaults as Parameters<typeof decideFault>[2]): string {
  const decision = decideFault({ kind }, facts, policy);
  return [
    decision.sameTarget ? 'S' : '-',
    decision.nextTarget ? 'N' : '-',
    decision.countsAgainstHealth ? 'H' : '-',
    decision.alertOperator ? 'A' : '-',
    { keep: '-', rest: 'r', out: 'o' }[decision.key],
  ].join('');
}

describe('decideFault with the default causes', () => {
  const table: readonly (readonly [FaultKind, string, string, string, string])[] = [
    // kind               unsent   sent     answered committed
    ['rate_limit', 'SN--r', 'SN--r', 'SN--r', '----r'],
    ['quota', '-N-Ar', '-N-Ar', '-N-Ar', '---Ar'],
    ['timeout', 'SNH--', '-NH--', '-NH--', '--H--'],
    ['server_error', 'SNH--', 'SNH--', 'SNH--', '--H--'],
    ['connection', 'SNH--', '-NH--', '-NH--', '--H--'],
    ['auth', '-N-Ao', '-N-Ao', '-N-Ao', '---Ao'],
    ['context_window', '-----', '-----', '-----', '-----'],
    ['content_filter', '-----', '-----', '-----', '-----'],
    ['model_not_found', '-----', '-----', '-----', '-----'],
    ['invalid_request', '-----', '-----', '-----', '-----'],
    ['invalid_response', 'SNH--', '-NH--', '-NH--', '--H--'],
  ];

  it.each(table)('decides on %s by how far the attempt came', (kind, ...expected) => {
    expect(everyProgress.map((progress) => summary(kind, { progress }))).toEqual(expected);
  });

  it('covers every kind of fault', () => {
    expect(table.map(([kind]) => kind).sort()).toEqual([...everyKind].sort());
  });
});

describe('decideFault', () => {
  it.each(['invalid_request', 'context_window', 'content_filter', 'model_not_found'] as const)(
    'FO-02 FO-21: never lets the caller walk the chain or touch health with %s',
    (kind) => {
      for (const progress of everyProgress) expect(summary(kind, { progress, anotherKey: true })).toBe('-----');
    },
  );

  it('FO-02: keeps an invalid request where it is, whatever the operator lists', () => {
    expect(summary('invalid_request', { progress: 'answered', chain: true }, { on: everyCause })).toBe('-----');
  });

  it('moves on from an unknown model on a chain and tells the operator, without judging the target', () => {
    expect(summary('model_not_found', { progress: 'answered', chain: true })).toBe('-N-A-');
  });

  it('FO-13: replays a request that may have run on the same target only when told to', () => {
    expect(summary('connection', { progress: 'sent' })).toBe('-NH--');
    expect(summary('connection', { progress: 'sent' }, { ...defaults, retryUnsafe: true })).toBe('SNH--');
    expect(summary('timeout', { progress: 'sent' }, { ...defaults, retryUnsafe: true })).toBe('SNH--');
    expect(summary('invalid_response', { progress: 'answered' }, { ...defaults, retryUnsafe: true })).toBe('SNH--');
  });

  it('FO-03: starts nothing after output has reached the caller, but still judges the target', () => {
    for (const kind of everyKind) {
      const decision = decideFault(
        { kind },
        { progress: 'committed', anotherKey: true, chain: true },
        { on: everyCause, retryUnsafe: true },
      );
      expect([kind, decision.sameTarget, decision.nextTarget]).toEqual([kind, false, false]);
      expect(decision.countsAgainstHealth).toBe(
        ['timeout', 'server_error', 'connection', 'invalid_response'].includes(kind),
      );
    }
  });

  it.each(['rate_limit', 'timeout', 'server_error', 'connection'] as const)(
    'stops at %s when the operator does not list it, and still judges the target',
    (kind) => {
      const listed = decideFault({ kind }, { progress: 'unsent' }, defaults);
      const unlisted = decideFault(
        { kind },
        { progress: 'unsent' },
        { on: defaultFailoverCauses.filter((cause) => cause !== kind) },
      );
      expect([unlisted.sameTarget, unlisted.nextTarget]).toEqual([false, false]);
      expect(unlisted.countsAgainstHealth).toBe(listed.countsAgainstHealth);
    },
  );

  it('treats an unreadable answer as a server error for the operator list', () => {
    expect(summary('invalid_response', { progress: 'unsent' }, { on: ['server_error'] })).toBe('SNH--');
    expect(summary('invalid_response', { progress: 'unsent' }, { on: ['connection', 'timeout'] })).toBe('--H--');
  });

  it.each(['context_window', 'content_filter'] as const)(
    'moves on at %s when the operator lists it, never judging the target',
    (kind) => {
      expect(summary(kind, { progress: 'answered' }, { on: [kind] })).toBe('-N---');
    },
  );

  it.each(['auth', 'quota'] as const)('moves on at %s even when nothing is listed', (kind) => {
    expect(summary(kind, { progress: 'answered' }, { on: [] }).slice(0, 4)).toBe('-N-A');
  });

  it.each(['auth', 'quota', 'rate_limit'] as const)(
    'tries the same target with another key at %s, whatever is listed',
    (kind) => {
      expect(decideFault({ kind }, { progress: 'answered', anotherKey: true }, { on: [] }).sameTarget).toBe(true);
      expect(decideFault({ kind }, { progress: 'answered', anotherKey: false }, { on: [] }).sameTarget).toBe(false);
    },
  );

  it.each(['auth', 'quota'] as const)('never tries the same key again at %s, whatever is listed', (kind) => {
    expect(decideFault({ kind }, { progress: 'unsent' }, { on: everyCause, retryUnsafe: true }).sameTarget).toBe(false);
  });

  it.each(['invalid_request', 'invalid_response', 'model_not_found'] as const)(
    'reads a redirect filed as %s as a wrong address: moves on, judges the target, tells the operator',
    (kind) => {
      expect(decideFault({ kind, status: 302 }, { progress: 'answered' }, defaults)).toEqual({
        sameTarget: false,
        nextTarget: true,
        countsAgainstHealth: true,
        alertOperator: true,
        key: 'keep',
      });
    },
  );
});
