import { sql, type Transaction } from 'kysely';
import type { LedgerEntry, LedgerStore, TotalsQuery, TotalsRow } from '../../usage/ledger.ts';
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
  dimensions,
  type Measures,
  measureNames,
} from '../../usage/usage-cell.ts';
import type { SqlEngine } from './engine.ts';
import { ledgerMigrations } from './ledger-migrations.ts';
import { migrateOnce } from './migrate.ts';

/** The ledger in an SQL database. The schema is made, or brought up to date, when it is first used. */
export function sqlLedgerStore(engine: SqlEngine): LedgerStore {
  const ready = migrateOnce(engine, ledgerMigrations);
  return {
    async write(entries) {
      await ready();
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

async function writeEntries(
  engine: SqlEngine,
  transaction: Transaction<unknown>,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const insert = async <Entry extends LedgerEntry>(table: TableOf<Entry>, all: readonly Entry[]) => {
    if (all.length === 0) return [];
    const { into, columns, key } = table;
    const rows = all.map((entry) => rowOf(columns, entry));
    const conflict = `on conflict (${key.join(', ')}) do nothing`;
    const positions = await engine.insertRows(transaction, { into, columns, key, conflict, rows });
    return positions.flatMap((position) => all[position] ?? []);
  };
  const cells: CellTable = new Map();
  // Only what is new counts: the same lines may come again after a crash.
  for (const entry of await insert(attemptsTable, attemptsOf(entries))) addToCells(cells, entry);
  for (const entry of await insert(callsTable, callsOf(entries))) addToCells(cells, entry);
  await addCells(engine, transaction, cells);
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
const addUp = sumColumns.map((name) => `${name} = usage_cells.${name} + excluded.${name}`).join(', ');

async function addCells(engine: SqlEngine, transaction: Transaction<unknown>, cells: CellTable): Promise<void> {
  if (cells.size === 0) return;
  // In one order everywhere: two processes that lock the same cells cannot wait for each other.
  const keys = [...cells.keys()].sort();
  const rows = keys.flatMap((key) => {
    const cell = cells.get(key);
    return cell === undefined ? [] : [[cell.slot, ...cell.values, ...cell.sums]];
  });
  const conflict = `on conflict (${cellKey.join(', ')}) do update set ${addUp}`;
  await engine.insertRows(transaction, { into: 'usage_cells', columns: cellColumns, key: cellKey, conflict, rows });
}

async function readTotals(
  engine: SqlEngine,
  { stretches, groupBy, filters, most }: TotalsQuery,
): Promise<readonly TotalsRow[] | 'too many'> {
  const groups = groupBy.map((dimension) => sql.ref(`c.${dimensionColumns[dimension]}`));
  const named = groups.map((group, index) => sql`${group} as ${sql.ref(`g${index}`)}`);
  // As text: a sum may be larger than a number can say exactly.
  const sums = sumColumns.map(
    (name, index) => sql`cast(coalesce(sum(${sql.ref(`c.${name}`)}), 0) as text) as ${sql.ref(`m${index}`)}`,
  );
  const conditions = filters.map(
    ({ dimension, value }) => sql` and ${sql.ref(`c.${dimensionColumns[dimension]}`)} = ${value ?? ''}`,
  );
  const list = JSON.stringify(stretches.map(({ from, to }) => [from, to]));
  const query = sql<Record<string, unknown>>`
    with stretch(n, lo, hi) as (${engine.stretches(list)})
    select ${sql.join([sql`stretch.n as n`, ...named, ...sums])}
    from stretch cross join usage_cells c
    where c.slot >= stretch.lo and c.slot < stretch.hi${sql.join(conditions, sql``)}
    group by ${sql.join([sql`stretch.n`, ...groups])}
    limit ${most + 1}`;
  const { rows } = await query.execute(engine.db);
  return rows.length > most ? 'too many' : rows.map((row) => totalsRow(row, groupBy.length));
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

/** Whole quarters of an hour only, so that sums and rows tell the same. */
async function forget(transaction: Transaction<unknown>, before: number, most: number): Promise<number> {
  const statements = [
    sql`delete from ledger_attempts where (attempt_id, terminal) in
      (select attempt_id, terminal from ledger_attempts where at < ${before} order by at limit ${most})`,
    sql`delete from ledger_calls where call_id in
      (select call_id from ledger_calls where ended_at < ${before} order by ended_at limit ${most})`,
    sql`delete from usage_cells where slot in
      (select slot from usage_cells where slot < ${before} order by slot limit ${most})`,
  ];
  let forgotten = 0;
  for (const statement of statements) {
    const { numAffectedRows } = await statement.execute(transaction);
    forgotten += Number(numAffectedRows ?? 0n);
  }
  return forgotten;
}
