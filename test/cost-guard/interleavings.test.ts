import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Call, Caller } from '../../src/core/call.ts';
import type { CallStatus } from '../../src/core/settlement.ts';
import { admit, attempted, callOf, guarded, over, stateOf, usd } from './support.ts';

const users = ['ana', 'ben', 'cleo'] as const;
const limits = { user: 0.03, team: 0.05, global: 0.08 } as const;

type Step =
  | { readonly kind: 'arrive'; readonly user: (typeof users)[number]; readonly maxTokens: number }
  | { readonly kind: 'attempt'; readonly call: number; readonly share: number; readonly ok: boolean }
  | { readonly kind: 'end'; readonly call: number; readonly status: CallStatus }
  | { readonly kind: 'wait'; readonly milliseconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('arrive'),
      user: fc.constantFrom(...users),
      maxTokens: fc.integer({ min: 1, max: 3_000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('attempt'),
      call: fc.nat(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      ok: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('end'),
      call: fc.nat(),
      status: fc.constantFrom<CallStatus>('ok', 'client_abort', 'timeout', 'rejected', 'failed'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), milliseconds: fc.integer({ min: 1, max: 20_000 }) }) },
);

describe('any order of arrivals, attempts and ends', () => {
  it('I3, I4: never holds and spends more than a limit, books exactly what was used, and holds nothing when all is over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 120 }), async (steps) => {
        const guard = guarded({
          list: Object.entries(limits).map(([per, limit]) =>
            per === 'user'
              ? { per, limit, period: 'day' }
              : { per: per === 'team' ? 'team' : 'global', limit, period: 'month' },
          ),
        });
        const live: { readonly call: Call; readonly user: string; granted: number }[] = [];
        const booked = { ana: 0, ben: 0, cleo: 0 };
        const counters = [
          ...users.map((value) => ({ name: 'user-day', scope: 'user', value, limit: limits.user })),
          { name: 'team-month', scope: 'team', value: 'search', limit: limits.team },
          { name: 'global-month', scope: 'global', value: 'all', limit: limits.global },
        ];
        const check = async (): Promise<void> => {
          for (const counter of counters) {
            const { spent, held } = await stateOf(guard, counter);
            expect(spent + held).toBeLessThanOrEqual(counter.limit * usd);
          }
        };
        const end = (entry: (typeof live)[number], status: CallStatus): void => {
          // A terminal of ours stands behind: what no attempt tells was not used.
          entry.call.capabilities.push({ name: 'failover', answer: () => Promise.reject(new Error('never asked')) });
          over(entry.call, status);
        };
        for (const next of steps) {
          if (next.kind === 'wait') {
            guard.runtime.advance(next.milliseconds);
          } else if (next.kind === 'arrive') {
            const caller: Caller = { keyId: 'k', user: next.user, team: 'search' };
            const call = callOf(guard.runtime, { maxTokens: next.maxTokens, caller });
            const decision = await admit(guard, call);
            if (decision.kind === 'reject') {
              over(call, 'rejected', 402);
            } else {
              const bound = call.allowance?.maxOutputTokens({ provider: 'openai', model: 'by-answer' });
              live.push({ call, user: next.user, granted: (bound ?? next.maxTokens) * 10_000 });
            }
            await check();
          } else if (live.length > 0) {
            const entry = live[next.call % live.length];
            if (entry === undefined) continue;
            if (next.kind === 'attempt') {
              const cost = Math.floor(entry.granted * next.share);
              entry.granted -= cost;
              attempted(entry.call, { status: next.ok ? 'ok' : 'upstream_truncated', cost });
              booked[entry.user as keyof typeof booked] += cost;
            } else {
              live.splice(live.indexOf(entry), 1);
              end(entry, next.status);
              await check();
            }
          }
        }
        for (const entry of live) end(entry, 'ok');
        for (const user of users) {
          expect(await stateOf(guard, { name: 'user-day', scope: 'user', value: user })).toEqual({
            spent: booked[user],
            held: 0,
          });
        }
        const all = booked.ana + booked.ben + booked.cleo;
        expect(await stateOf(guard, { name: 'global-month', scope: 'global', value: 'all' })).toEqual({
          spent: all,
          held: 0,
        });
        expect(guard.guard.open).toBe(0);
        expect(guard.runtime.pendingTimers()).toBe(0);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});
