import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { BudgetChanges, BudgetRows, LeaseRow, SliceRow } from './budget-sheet.ts';
import type { SqlEngine } from './engine.ts';

/** What budgets need of a database beyond `SqlEngine`. */
export interface BudgetEngine extends SqlEngine {
  /** Inside a transaction: waits until nobody else counts on these counters. Keys are different, and sorted. */
  lockCounters(transaction: Transaction<unknown>, keys: readonly string[]): Promise<void>;
  /** The database's clock, in milliseconds since 1970. */
  readonly now: RawBuilder<unknown>;
  /** Rows `a, b` of a JSON list of pairs of texts. */
  pairs(json: string): RawBuilder<unknown>;
}

/** Which rows are wanted. */
export interface BudgetQuery {
  /** Slices from this date on, by counter. */
  readonly counters: ReadonlyMap<string, number>;
  /** Reservations whose leases and settlement are asked for. */
  readonly ids: readonly string[];
}

export async function readBudgetRows(
  engine: BudgetEngine,
  transaction: Transaction<unknown>,
  { counters, ids }: BudgetQuery,
): Promise<BudgetRows> {
  const wanted = engine.pairs(JSON.stringify([...counters].map(([key, since]) => [key, String(since)])));
  const reservations = engine.pairs(JSON.stringify(ids.map((id) => [id, ''])));
  const { rows } = await sql<Record<string, unknown>>`
    with clock(now) as (select ${engine.now}), wanted(a, b) as (${wanted}), reservations(a, b) as (${reservations})
    select 'now' as kind, '' as counter, '' as id, now as x, 0 as y, 0 as z from clock
    union all
    select 'slice', s.counter, '', s.slice, s.spent, s.held
    from wanted join budget_slices s on s.counter = wanted.a and s.slice >= cast(wanted.b as bigint)
    union all
    select 'lease', l.counter, l.id, l.slice, l.amount, l.ends_at
    from wanted cross join clock join budget_leases l on l.counter = wanted.a and l.ends_at <= clock.now
    union all
    select 'lease', l.counter, l.id, l.slice, l.amount, l.ends_at
    from reservations join budget_leases l on l.id = reservations.a
    union all
    select 'settled', '', s.id, 0, 0, 0 from reservations join budget_settled s on s.id = reservations.a`.execute(
    transaction,
  );
  const slices: SliceRow[] = [];
  // A lease that has run out may also be asked for by its id.
  const leases = new Map<string, LeaseRow>();
  const settled: string[] = [];
  let now = 0;
  for (const row of rows) {
    const counter = String(row.counter);
    const id = String(row.id);
    const [x, y, z] = [Number(row.x), Number(row.y), Number(row.z)];
    if (row.kind === 'now') now = x;
    else if (row.kind === 'slice') slices.push({ counter, slice: x, spent: y, held: z });
    else if (row.kind === 'settled') settled.push(id);
    else leases.set(JSON.stringify([id, counter]), { id, counter, slice: x, amount: y, endsAt: z });
  }
  return { now, slices, leases: [...leases.values()], settled };
}

export async function writeBudgetChanges(
  engine: BudgetEngine,
  transaction: Transaction<unknown>,
  { changes, now }: { readonly changes: BudgetChanges; readonly now: number },
): Promise<void> {
  const { slices, leases, ended, settled } = changes;
  if (slices.length > 0) {
    await engine.insertRows(transaction, {
      ...slicesTable,
      rows: slices.map(({ counter, slice, spent, held, expiresAt }) => [counter, slice, spent, held, expiresAt]),
    });
  }
  if (ended.length > 0) {
    const gone = engine.pairs(JSON.stringify(ended.map(({ id, counter }) => [id, counter])));
    await sql`delete from budget_leases where (id, counter) in (${gone})`.execute(transaction);
  }
  if (leases.length > 0) {
    await engine.insertRows(transaction, {
      ...leasesTable,
      rows: leases.map(({ id, counter, slice, amount, endsAt }) => [id, counter, slice, amount, endsAt]),
    });
  }
  if (settled.length > 0) {
    await engine.insertRows(transaction, { ...settledTable, rows: settled.map((id) => [id, now]) });
  }
}

/** Forgets what nobody asks for any more. */
export async function pruneBudgets(engine: BudgetEngine): Promise<void> {
  const { now } = engine;
  const statements = [
    sql`delete from budget_settled where at < ${now} - ${rememberedMs}`,
    sql`delete from budget_claims where expires_at < ${now}`,
    sql`delete from budget_slices where expires_at < ${now} - ${keptMs}`,
    sql`delete from budget_leases where ends_at < ${now} - ${keptMs} and not exists
      (select 1 from budget_slices s where s.counter = budget_leases.counter and s.slice = budget_leases.slice)`,
  ];
  for (const statement of statements) await statement.execute(engine.db);
}

/** How long a settlement is remembered: a second one of the same call comes within minutes. */
const rememberedMs = 600_000;
/** Longer than calls take whose leases hold on slices that are over. */
const keptMs = 86_400_000;

const slicesTable = {
  into: 'budget_slices',
  columns: [
    { name: 'counter', type: 'text' },
    { name: 'slice', type: 'bigint' },
    { name: 'spent', type: 'bigint' },
    { name: 'held', type: 'bigint' },
    { name: 'expires_at', type: 'bigint' },
  ],
  key: ['counter', 'slice'],
  conflict: `on conflict (counter, slice) do update set
    spent = budget_slices.spent + excluded.spent, held = budget_slices.held + excluded.held`,
} as const;

const leasesTable = {
  into: 'budget_leases',
  columns: [
    { name: 'id', type: 'text' },
    { name: 'counter', type: 'text' },
    { name: 'slice', type: 'bigint' },
    { name: 'amount', type: 'bigint' },
    { name: 'ends_at', type: 'bigint' },
  ],
  key: ['id', 'counter'],
  conflict: 'on conflict (id, counter) do update set ends_at = excluded.ends_at',
} as const;

const settledTable = {
  into: 'budget_settled',
  columns: [
    { name: 'id', type: 'text' },
    { name: 'at', type: 'bigint' },
  ],
  key: ['id'],
  conflict: 'on conflict (id) do nothing',
} as const;

export const claimsTable = {
  into: 'budget_claims',
  columns: [
    { name: 'counter', type: 'text' },
    { name: 'period', type: 'bigint' },
    { name: 'threshold', type: 'text' },
    { name: 'expires_at', type: 'bigint' },
  ],
  key: ['counter', 'period', 'threshold'],
  conflict: 'on conflict (counter, period, threshold) do nothing',
} as const;
