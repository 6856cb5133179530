import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptEntry, LedgerEntry, LedgerStore } from '../../src/usage/ledger.ts';
import { dimensions } from '../../src/usage/usage-cell.ts';
import { attemptEntry, callEntry, measures, noon, nothing, totalOf } from '../usage/support.ts';

export interface LedgerStoreUnderTest {
  /** A store with nothing in it. */
  open(): Promise<LedgerStore>;
  /** Whether it keeps rows and so knows an id that comes again. */
  readonly keepsRows: boolean;
}

const quarter = 900_000;
const slot = Math.floor(noon / quarter) * quarter;
const midnight = Date.UTC(2026, 2, 10);
const wholeDay = [{ from: slot - 48 * quarter, to: slot + 48 * quarter }];

/** What every ledger store does. */
export function ledgerConformance(name: string, under: LedgerStoreUnderTest): void {
  describe(`ledger store: ${name}`, () => {
    let store: LedgerStore;
    beforeEach(async () => {
      store = await under.open();
    });
    afterEach(() => store.close());

    it('is empty at first', async () => {
      expect(await totalOf(store)).toEqual(nothing());
    });

    it('adds up attempts and calls', async () => {
      await store.write([
        attemptEntry({ attemptId: 'w-1-1' }),
        callEntry({ callId: 'w-1' }),
        callEntry({
          callId: 'w-2',
          status: 'rejected',
          attempts: 0,
          errorCode: 'rate_limit_exceeded',
          firstOutputMs: null,
        }),
        callEntry({ callId: 'w-3', status: 'cache_hit', attempts: 0, latencyMs: 3, firstOutputMs: null }),
        callEntry({ callId: 'w-4', status: 'timeout' }),
      ]);
      expect(await totalOf(store)).toEqual(
        measures({
          requests: 4,
          errors: 1,
          rejected: 1,
          cacheHits: 1,
          latencyMs: 2703,
          timedRequests: 4,
          firstOutputMs: 700,
          firstOutputs: 2,
          attempts: 1,
          costNanoUsd: 4_500_000,
          inputTokens: 1000,
          outputTokens: 200,
          cacheReadTokens: 100,
          reasoningTokens: 50,
        }),
      );
    });

    it('counts nothing for a reservation, and a price nobody knows as unpriced', async () => {
      await store.write([
        attemptEntry({ attemptId: 'w-1-1', phase: 'reserve', status: null }),
        attemptEntry({ attemptId: 'w-2-1', costNanoUsd: null }),
        attemptEntry({
          attemptId: 'w-3-1',
          phase: 'release',
          costNanoUsd: null,
          inputTokens: null,
          outputTokens: null,
        }),
        attemptEntry({
          attemptId: 'w-4-1',
          phase: 'crash_recovered',
          status: null,
          costNanoUsd: null,
          inputTokens: null,
          outputTokens: null,
        }),
      ]);
      const { attempts, unpriced, costNanoUsd } = await totalOf(store);
      expect({ attempts, unpriced, costNanoUsd }).toEqual({ attempts: 3n, unpriced: 2n, costNanoUsd: 0n });
    });

    it('keeps sums exact beyond 2^53', async () => {
      const most = Number.MAX_SAFE_INTEGER;
      // In cells of their own: one cell holds a quarter of an hour of one model.
      const entries = ['a', 'b', 'c'].map((model) =>
        attemptEntry({ attemptId: `w-${model}-1`, model, costNanoUsd: most }),
      );
      await store.write(entries);
      expect((await totalOf(store)).costNanoUsd).toBe(3n * BigInt(most));
    });

    it.each(dimensions)('groups and filters by %s', async (dimension) => {
      const member = { key: 'keyId', model: 'requestedModel', served_model: 'model' }[dimension as string] ?? dimension;
      await store.write([
        callEntry({ callId: 'w-1', [member]: 'one' }),
        callEntry({ callId: 'w-2', [member]: 'two' }),
        callEntry({ callId: 'w-3', [member]: 'two' }),
        ...(member === 'keyId' || member === 'status' ? [] : [callEntry({ callId: 'w-4', [member]: null })]),
      ]);
      const counts = async (filters: { dimension: typeof dimension; value: string | null }[]) => {
        const rows = await store.totals({ stretches: wholeDay, groupBy: [dimension], filters, most: 10 });
        if (rows === 'too many') throw new Error('too many');
        return Object.fromEntries(rows.map(({ group, measures: { requests } }) => [String(group[0]), requests]));
      };
      const unknown = member === 'keyId' || member === 'status' ? {} : { null: 1n };
      expect(await counts([])).toEqual({ one: 1n, two: 2n, ...unknown });
      expect(await counts([{ dimension, value: 'two' }])).toEqual({ two: 2n });
      expect(await counts([{ dimension, value: null }])).toEqual(unknown);
      expect(await counts([{ dimension, value: "two' or '1'='1" }])).toEqual({});
      expect(await counts([{ dimension, value: '%' }])).toEqual({});
    });

    it('takes texts of every kind as they are', async () => {
      const texts = ["o'brien", '"quoted"', 'a,b', '\u0001', '\u{1F600}', '%_\\', '{"$gt":""}', ' ', 'null'];
      await store.write(texts.map((user, index) => callEntry({ callId: `w-${index}`, user })));
      for (const value of texts) {
        const rows = await store.totals({
          stretches: wholeDay,
          groupBy: ['user'],
          filters: [{ dimension: 'user', value }],
          most: 10,
        });
        expect(rows).toMatchObject([{ group: [value], measures: { requests: 1n } }]);
      }
    });

    it('gives each stretch its own sums, from inclusive to exclusive', async () => {
      await store.write([
        callEntry({ callId: 'w-1', endedAt: slot - 1 }),
        callEntry({ callId: 'w-2', endedAt: slot }),
        callEntry({ callId: 'w-3', endedAt: slot + quarter - 1 }),
        callEntry({ callId: 'w-4', endedAt: slot + quarter }),
      ]);
      const stretches = [-1, 0, 1, 2].map((index) => ({
        from: slot + index * quarter,
        to: slot + (index + 1) * quarter,
      }));
      const rows = await store.totals({ stretches, groupBy: [], filters: [], most: 10 });
      expect(rows === 'too many' ? rows : rows.map((row) => [row.stretch, row.measures.requests])).toEqual(
        expect.arrayContaining([
          [0, 1n],
          [1, 2n],
          [2, 1n],
        ]),
      );
    });

    it('adds up the same however a stretch lies over days', async () => {
      const times = Array.from({ length: 5 * 96 }, (_, index) => midnight + index * quarter);
      await store.write(
        times.map((endedAt, index) =>
          callEntry({ callId: `w-${index}`, endedAt, user: `u${index % 3}`, latencyMs: 1 + (index % 7) }),
        ),
      );
      const border = fc.nat(5 * 96 + 4);
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(border, { minLength: 2, maxLength: 8 }), async (borders) => {
          const sorted = borders.toSorted((a, b) => a - b).map((index) => midnight + (index - 2) * quarter);
          const stretches = sorted.slice(1).map((to, index) => ({ from: sorted[index] ?? to, to }));
          const rows = await store.totals({
            stretches,
            groupBy: ['user'],
            filters: [{ dimension: 'team', value: 'search' }],
            most: 100,
          });
          const told =
            rows === 'too many'
              ? []
              : rows.map(({ stretch, group, measures }) => [stretch, group[0], measures.requests, measures.latencyMs]);
          const expected = new Map<string, [number, string, bigint, bigint]>();
          for (const [index, time] of times.entries()) {
            const stretch = stretches.findIndex(({ from, to }) => time >= from && time < to);
            if (stretch === -1) continue;
            const sum = expected.get(`${stretch} ${index % 3}`) ?? [stretch, `u${index % 3}`, 0n, 0n];
            expected.set(`${stretch} ${index % 3}`, [sum[0], sum[1], sum[2] + 1n, sum[3] + BigInt(1 + (index % 7))]);
          }
          expect(new Set(told.map(String))).toEqual(new Set([...expected.values()].map(String)));
        }),
        { numRuns: 40, seed: 11 },
      );
    });

    it('says when there are too many groups', async () => {
      await store.write(
        Array.from({ length: 6 }, (_, index) => callEntry({ callId: `w-${index}`, user: `u${index}` })),
      );
      const query = { stretches: wholeDay, groupBy: ['user' as const], filters: [] };
      expect(await store.totals({ ...query, most: 5 })).toBe('too many');
      expect(await store.totals({ ...query, most: 6 })).toHaveLength(6);
    });

    it('forgets the days before, in batches, and nothing else', async () => {
      await store.write([
        ...Array.from({ length: 5 }, (_, index) =>
          callEntry({ callId: `w-${index}`, user: `${index}`, endedAt: midnight - 1 }),
        ),
        ...Array.from({ length: 5 }, (_, index) =>
          attemptEntry({ attemptId: `w-${index}-1`, user: `${index}`, at: midnight - 1 }),
        ),
        callEntry({ callId: 'w-9', endedAt: midnight }),
      ]);
      let batches = 0;
      while ((await store.prune(midnight, 2)) > 0) batches += 1;
      expect(batches).toBeGreaterThan(1);
      expect(await totalOf(store)).toMatchObject({ requests: 1n, attempts: 0n });
    });

    it('adds up to what was settled, in whatever batches it comes', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(2 ** 40), fc.nat(100_000), fc.constantFrom('a', 'b', 'c')), { maxLength: 40 }),
          fc.integer({ min: 1, max: 15 }),
          async (settled, size) => {
            const fresh = await under.open();
            const entries = settled.map(([costNanoUsd, inputTokens, user], index) =>
              attemptEntry({ attemptId: `p-${index}-1`, costNanoUsd, inputTokens, user }),
            );
            for (let start = 0; start < entries.length; start += size)
              await fresh.write(entries.slice(start, start + size));
            const total = await totalOf(fresh);
            await fresh.close();
            expect(total.costNanoUsd).toBe(settled.reduce((sum, [cost]) => sum + BigInt(cost), 0n));
            expect(total.inputTokens).toBe(settled.reduce((sum, [, input]) => sum + BigInt(input), 0n));
            expect(total.attempts).toBe(BigInt(settled.length));
          },
        ),
        { numRuns: 8, seed: 7 },
      );
    });

    if (under.keepsRows) idempotence(() => store);
  });
}

function idempotence(store: () => LedgerStore): void {
  it('CG-21: writes and counts an id once, however often it comes', async () => {
    const entries = [attemptEntry({ attemptId: 'w-1-1' }), callEntry({ callId: 'w-1' })];
    await store().write([...entries, ...entries]);
    await store().write(entries);
    await Promise.all([store().write(entries), store().write([...entries].reverse())]);
    expect(await totalOf(store())).toMatchObject({ requests: 1n, attempts: 1n, costNanoUsd: 4_500_000n });
  });

  it.each([
    ['settle', 'crash_recovered', 4_500_000n],
    ['crash_recovered', 'settle', 0n],
    ['release', 'settle', 0n],
  ] as const)('lets the first end of an attempt stand: %s before %s', async (first, second, cost) => {
    const end = (phase: AttemptEntry['phase']): LedgerEntry =>
      attemptEntry({ attemptId: 'w-1-1', phase, costNanoUsd: phase === 'settle' ? 4_500_000 : null });
    await store().write([attemptEntry({ attemptId: 'w-1-1', phase: 'reserve', costNanoUsd: null })]);
    await store().write([end(first)]);
    await store().write([end(second)]);
    expect(await totalOf(store())).toMatchObject({ attempts: 1n, costNanoUsd: cost });
  });
}
