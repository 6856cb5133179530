import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { SqlMigration } from './migrate.ts';

/** The schema of the ledger, step by step. */
export const ledgerMigrations: readonly SqlMigration[] = [
  { name: 'ledger-1-attempts-and-calls', up: attemptsAndCalls },
  { name: 'ledger-2-usage-cells', up: usageCells },
  { name: 'ledger-3-usage-days', up: usageDays },
];

async function attemptsAndCalls(db: Kysely<unknown>): Promise<void> {
  await withTokens(
    withOwner(
      db.schema
        .createTable('ledger_attempts')
        .addColumn('attempt_id', 'text', (column) => column.notNull())
        .addColumn('terminal', 'integer', (column) => column.notNull())
        .addColumn('phase', 'text', (column) => column.notNull())
        .addColumn('call_id', 'text', (column) => column.notNull())
        .addColumn('request_id', 'text', (column) => column.notNull())
        .addColumn('number', 'integer', (column) => column.notNull()),
    )
      .addColumn('requested_model', 'text')
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('key_number', 'integer')
      .addColumn('status', 'text')
      .addColumn('fault', 'text')
      .addColumn('http_status', 'integer'),
  )
    .addColumn('price_version', 'text')
    .addColumn('reserved_at', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('latency_ms', 'bigint')
    .addColumn('first_output_ms', 'bigint')
    // An attempt has at most one line of each sort: one reservation, one end.
    .addPrimaryKeyConstraint('ledger_attempts_key', ['attempt_id', 'terminal'])
    .execute();
  await withTokens(
    withOwner(
      db.schema
        .createTable('ledger_calls')
        .addColumn('call_id', 'text', (column) => column.notNull().primaryKey())
        .addColumn('request_id', 'text', (column) => column.notNull()),
    )
      .addColumn('tags', 'text')
      .addColumn('operation', 'text', (column) => column.notNull())
      .addColumn('dialect', 'text', (column) => column.notNull())
      .addColumn('stream', 'integer', (column) => column.notNull())
      .addColumn('requested_model', 'text')
      .addColumn('provider', 'text')
      .addColumn('model', 'text')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('error_code', 'text')
      .addColumn('http_status', 'integer')
      .addColumn('attempts', 'integer', (column) => column.notNull()),
  )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint', (column) => column.notNull())
    .addColumn('latency_ms', 'bigint')
    .addColumn('first_output_ms', 'bigint')
    .execute();
  await db.schema.createIndex('ledger_attempts_at').on('ledger_attempts').column('at').execute();
  await db.schema.createIndex('ledger_calls_ended_at').on('ledger_calls').column('ended_at').execute();
}

function withOwner<Table extends string, Columns extends string>(table: CreateTableBuilder<Table, Columns>) {
  return table
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('team', 'text')
    .addColumn('project', 'text')
    .addColumn('feature', 'text');
}

function withTokens<Table extends string, Columns extends string>(table: CreateTableBuilder<Table, Columns>) {
  return table
    .addColumn('input_tokens', 'bigint')
    .addColumn('output_tokens', 'bigint')
    .addColumn('cache_read_tokens', 'bigint')
    .addColumn('cache_write_tokens', 'bigint')
    .addColumn('reasoning_tokens', 'bigint')
    .addColumn('usage_source', 'text')
    .addColumn('cost_nano_usd', 'bigint');
}

const cellKey = [
  'slot',
  'key_id',
  'user_id',
  'team',
  'project',
  'feature',
  'requested_model',
  'provider',
  'model',
  'status',
] as const;

/** Sums by quarter of an hour, kept as rows are written: a report reads these. */
async function usageCells(db: Kysely<unknown>): Promise<void> {
  await createCells(db, 'usage_cells');
  await sumCalls(db);
  await sumAttempts(db);
}

/** The same sums by days of UTC. */
async function usageDays(db: Kysely<unknown>): Promise<void> {
  await createCells(db, 'usage_days');
  const [, ...groups] = cellKey;
  const sums = cellSums.map((name) => `sum(${name})`);
  await sql`
    insert into usage_days (${columnList})
    select slot - slot % 86400000, ${sql.raw([...groups, ...sums].join(', '))}
    from usage_cells group by slot - slot % 86400000, ${sql.raw(groups.join(', '))}`.execute(db);
}

async function createCells(db: Kysely<unknown>, name: string): Promise<void> {
  let table: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const column of cellKey) {
    table = table.addColumn(column, column === 'slot' ? 'bigint' : 'text', (type) => type.notNull());
  }
  for (const column of cellSums) table = table.addColumn(column, 'bigint', (type) => type.notNull());
  await table.addPrimaryKeyConstraint(`${name}_key`, [...cellKey]).execute();
}

const cellSums = [
  'requests',
  'errors',
  'rejected',
  'cache_hits',
  'latency_ms',
  'timed_requests',
  'first_output_ms',
  'first_outputs',
  'attempts',
  'unpriced',
  'cost_nano_usd',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
] as const;

const columnList = sql.raw([...cellKey, ...cellSums].join(', '));

/** What the rows of an earlier version say. Nothing conflicts: calls come first, into an empty table. */
async function sumCalls(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into usage_cells (${columnList})
    select ended_at - ended_at % 900000, key_id, coalesce(user_id, ''), coalesce(team, ''), coalesce(project, ''),
      coalesce(feature, ''), case when error_code = 'model_not_found' then '' else coalesce(requested_model, '') end,
      coalesce(provider, ''), case when error_code = 'model_not_found' then '' else coalesce(model, '') end, status,
      count(*),
      sum(case when status in ('upstream_error', 'upstream_truncated', 'timeout', 'failed', 'crash_recovered') then 1 else 0 end),
      sum(case when status = 'rejected' then 1 else 0 end),
      sum(case when status = 'cache_hit' then 1 else 0 end),
      coalesce(sum(latency_ms), 0), count(latency_ms), coalesce(sum(first_output_ms), 0), count(first_output_ms),
      0, 0, 0, 0, 0, 0, 0, 0
    from ledger_calls group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`.execute(db);
}

async function sumAttempts(db: Kysely<unknown>): Promise<void> {
  const added = cellSums.map((name) => `${name} = usage_cells.${name} + excluded.${name}`).join(', ');
  await sql`
    insert into usage_cells (${columnList})
    select at - at % 900000, key_id, coalesce(user_id, ''), coalesce(team, ''), coalesce(project, ''),
      coalesce(feature, ''), case when fault = 'model_not_found' then '' else coalesce(requested_model, '') end,
      provider, case when fault = 'model_not_found' then '' else model end, coalesce(status, phase),
      0, 0, 0, 0, 0, 0, 0, 0,
      count(*),
      sum(case when cost_nano_usd is null
        and (phase = 'crash_recovered' or coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0) then 1 else 0 end),
      coalesce(sum(cost_nano_usd), 0), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
      coalesce(sum(cache_read_tokens), 0), coalesce(sum(cache_write_tokens), 0), coalesce(sum(reasoning_tokens), 0)
    from ledger_attempts where terminal = 1 group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    on conflict (${sql.raw(cellKey.join(', '))}) do update set ${sql.raw(added)}`.execute(db);
}
