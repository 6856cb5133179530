import { sql, type Transaction } from 'kysely';
import type { LedgerEntry, LedgerStore, Stretch, TotalsQuery, TotalsRow } from '../../usage/ledger.ts';
import {
  attemptColumns,
  attemptsOf,
  type Column,
  type ColumnType,
  callColumns,
  callsOf,
  rowOf,
} from '../../usage/ledger-columns.ts';
import {
  addToCells,
  type CellTable,
  type Dimension,
  dayMs,
  dayOf,
  daysOf,
  dimensions,
  type Measures,
  measureNames,
} from '../../usage/usage-cell.ts';
import type { BulkInsert, SqlEngine } from './engine.ts';
import { ledgerMigrations } from './ledger-migrations.ts';
import { migrateOnce } from './migrate.ts';

/** The ledger in an SQL database. The schema is made, or brought up to date, when it is first used. */
export function sqlLedgerStore(engine: SqlEngine): LedgerStore {
  const ready = migrateOnce(engine, ledgerMigrations);
  return {
    async write(entries) {
      await ready();
      if (await writeNew(engine, entries)) return;
      await engine.db.transaction().execute((transaction) => writeEntries(engine, transaction, entries));
    },
    async totals(query) {
      await ready();
      return readTotals(engine, query);
    },
    async prune(before, most) {
      await ready();
      return engine.db.transaction().execute((transaction) => forget(transaction, before, most));
    },
    close: () => engine.close(),
  };
}

/** As nearly always nothing of it is there yet, in one go. False, and nothing is written, when something is. */
async function writeNew(engine: SqlEngine, entries: readonly LedgerEntry[]): Promise<boolean> {
  if (engine.insertTogether === undefined) return false;
  const cells: CellTable = new Map();
  for (const entry of entries) addToCells(cells, entry);
  return engine.insertTogether([
    { ...insertOf(attemptsTable, attemptsOf(entries)), allNew: true },
    { ...insertOf(callsTable, callsOf(entries)), allNew: true },
    { ...cellsInsert(quarters, cells), allNew: false },
    { ...cellsInsert(days, daysOf(cells)), allNew: false },
  ]);
}

async function writeEntries(
  engine: SqlEngine,
  transaction: Transaction<unknown>,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const insert = async <Entry extends LedgerEntry>(table: TableOf<Entry>, all: readonly Entry[]) => {
    if (all.length === 0) return [];
    const positions = await engine.insertRows(transaction, insertOf(table, all));
    return positions.flatMap((position) => all[position] ?? []);
  };
  const cells: CellTable = new Map();
  // Only what is new counts: the same lines may come again after a crash.
  for (const entry of await insert(attemptsTable, attemptsOf(entries))) addToCells(cells, entry);
  for (const entry of await insert(callsTable, callsOf(entries))) addToCells(cells, entry);
  if (cells.size === 0) return;
  await engine.insertRows(transaction, cellsInsert(quarters, cells));
  await engine.insertRows(transaction, cellsInsert(days, daysOf(cells)));
}

function insertOf<Entry extends LedgerEntry>(
  { into, columns, key }: TableOf<Entry>,
  all: readonly Entry[],
): BulkInsert {
  const conflict = `on conflict (${key.join(', ')}) do nothing`;
  return { into, columns, key, conflict, rows: all.map((entry) => rowOf(columns, entry)) };
}

interface TableOf<Entry> {
  readonly into: string;
  readonly columns: readonly Column<Entry>[];
  readonly key: readonly string[];
}

const attemptsTable = { into: 'ledger_attempts', columns: attemptColumns, key: ['attempt_id', 'terminal'] };
const callsTable = { into: 'ledger_calls', columns: callColumns, key: ['call_id'] };

const dimensionColumns: Readonly<Record<Dimension, string>> = {
  key: 'key_id',
  user: 'user_id',
  team: 'team',
  project: 'project',
  feature: 'feature',
  model: 'requested_model',
  provider: 'provider',
  served_model: 'model',
  status: 'status',
};
const cellKey = ['slot', ...dimensions.map((dimension) => dimensionColumns[dimension])];
const sumColumns = measureNames.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
const cellColumns = [
  { name: 'slot', type: 'bigint' },
  ...cellKey.slice(1).map((name) => ({ name, type: 'text' })),
  ...sumColumns.map((name) => ({ name, type: 'bigint' })),
] satisfies readonly { name: string; type: string }[] as readonly { name: string; type: ColumnType }[];

/** Sums by quarters of an hour, and the same by days, so that a report over months reads a hundredth. */
const quarters = 'usage_cells';
const days = 'usage_days';

function cellsInsert(into: string, cells: CellTable): BulkInsert {
  // In one order everywhere: two processes that lock the same cells cannot wait for each other.
  const keys = [...cells.keys()].sort();
  const rows = keys.flatMap((key) => {
    const cell = cells.get(key);
    return cell === undefined ? [] : [[cell.slot, ...cell.values, ...cell.sums]];
  });
  const addUp = sumColumns.map((name) => `${name} = ${into}.${name} + excluded.${name}`).join(', ');
  const conflict = `on conflict (${cellKey.join(', ')}) do update set ${addUp}`;
  return { into, columns: cellColumns, key: cellKey, conflict, rows };
}

async function readTotals(
  engine: SqlEngine,
  { stretches, groupBy, filters, most }: TotalsQuery,
): Promise<readonly TotalsRow[] | 'too many'> {
  const groups = groupBy.map((dimension) => sql.ref(dimensionColumns[dimension]));
  const named = groups.map((group, index) => sql`${group} as ${sql.ref(`g${index}`)}`);
  // As text: a sum may be larger than a number can say exactly.
  const sums = sumColumns.map(
    (name, index) => sql`cast(coalesce(sum(${sql.ref(name)}), 0) as text) as ${sql.ref(`m${index}`)}`,
  );
  const conditions = filters.map(
    ({ dimension, value }) => sql` and ${sql.ref(`c.${dimensionColumns[dimension]}`)} = ${value ?? ''}`,
  );
  const read = [...groups, ...sumColumns.map((name) => sql.ref(name))];
  const cellsOf = (table: string, parts: string) => sql`
    select ${sql.join([sql`part.n as n`, ...read])} from ${sql.table(parts)} part cross join ${sql.table(table)} c
    where c.slot >= part.lo and c.slot < part.hi${sql.join(conditions, sql``)}`;
  const parts = partsOf(stretches);
  const query = sql<Record<string, unknown>>`
    with by_quarter(n, lo, hi) as (${engine.triples(JSON.stringify(parts.quarters))}),
      by_day(n, lo, hi) as (${engine.triples(JSON.stringify(parts.days))})
    select ${sql.join([sql`n`, ...named, ...sums])}
    from (${cellsOf(quarters, 'by_quarter')} union all ${cellsOf(days, 'by_day')}) as cells
    group by ${sql.join([sql`n`, ...groups])}
    limit ${most + 1}`;
  const { rows } = await query.execute(engine.db);
  return rows.length > most ? 'too many' : rows.map((row) => totalsRow(row, groupBy.length));
}

/** Number of a stretch, and a piece of it: from (inclusive) to (exclusive). */
type Part = readonly [stretch: number, from: number, to: number];

/** Whole days are read as such, what is left of them before and behind by quarters. */
function partsOf(stretches: readonly Stretch[]): {
  readonly quarters: readonly Part[];
  readonly days: readonly Part[];
} {
  const parts = { quarters: [] as Part[], days: [] as Part[] };
  for (const [index, { from, to }] of stretches.entries()) {
    const firstDay = dayOf(from + dayMs - 1);
    const lastDay = dayOf(to);
    if (firstDay >= lastDay) parts.quarters.push([index, from, to]);
    else {
      parts.days.push([index, firstDay, lastDay]);
      if (from < firstDay) parts.quarters.push([index, from, firstDay]);
      if (lastDay < to) parts.quarters.push([index, lastDay, to]);
    }
  }
  return parts;
}

function totalsRow(row: Record<string, unknown>, groups: number): TotalsRow {
  return {
    stretch: Number(row.n),
    group: Array.from({ length: groups }, (_, index) => groupValue(row[`g${index}`])),
    measures: Object.fromEntries(
      measureNames.map((name, index) => [name, BigInt(String(row[`m${index}`]))]),
    ) as Measures,
  };
}

function groupValue(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Whole days only, so that all sums and the rows tell the same. */
async function forget(transaction: Transaction<unknown>, before: number, most: number): Promise<number> {
  const statements = [
    sql`delete from ledger_attempts where (attempt_id, terminal) in
      (select attempt_id, terminal from ledger_attempts where at < ${before} order by at limit ${most})`,
    sql`delete from ledger_calls where call_id in
      (select call_id from ledger_calls where ended_at < ${before} order by ended_at limit ${most})`,
    sql`delete from usage_cells where slot in
      (select slot from usage_cells where slot < ${before} order by slot limit ${most})`,
    sql`delete from usage_days where slot < ${before}`,
  ];
  let forgotten = 0;
  for (const statement of statements) {
    const { numAffectedRows } = await statement.execute(transaction);
    forgotten += Number(numAffectedRows ?? 0n);
  }
  return forgotten;
}
