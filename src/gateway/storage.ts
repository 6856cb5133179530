import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import type { Runtime } from '../core/runtime.ts';
import { memoryLedgerStore } from '../stores/memory/ledger-store.ts';
import { openPostgres } from '../stores/postgres/open-postgres.ts';
import type { SqlEngine } from '../stores/sql/engine.ts';
import { sqlLedgerStore } from '../stores/sql/ledger-store.ts';
import { openSqlite } from '../stores/sqlite/open-sqlite.ts';
import type { LedgerOptions } from '../usage/index.ts';

/** Where usage is kept. Without it, sums stand in memory for as long as the process runs, and no file is written. */
export interface GatewayStorage {
  /** `sqlite:./gateway.db`, or `postgres://user:password@host/database` (needs the package `pg`). */
  readonly url: string;
  /**
   * Whole days after which usage is forgotten.
   * @default never
   */
  readonly retentionDays?: number;
  /**
   * Folder, on a disk that outlives the process, for usage that the database does not have yet.
   * @default beside an SQLite file, with `.spool` at its end; else `./gateway.spool`
   */
  readonly spool?: string;
  /**
   * What becomes of calls when the database has been away so long that no more usage can wait: `count` serves them and
   * counts what is lost, `refuse` answers 503.
   * @default 'count'
   */
  readonly whenFull?: 'count' | 'refuse';
}

/** Reads the shape; `resolveStorage` checks what stands in it. */
const schema = z.strictObject({
  url: z.string(),
  retentionDays: z.number().int('must be a whole number of days').min(1).max(36_500).optional(),
  spool: z.string().min(1, 'must name a folder').optional(),
  whenFull: z.enum(['count', 'refuse'], 'must be count or refuse').default('count'),
});

/**
 * What a ledger is made with. `GATEWAY_STORAGE_URL` counts when the configuration has no section `storage`.
 *
 * @throws ConfigurationError naming the key or variable and the fix; never the address, which may hold a password
 */
export function resolveStorage(
  written: GatewayStorage | undefined,
  environment: Environment,
  runtime: Runtime,
): LedgerOptions {
  const variable = environment.GATEWAY_STORAGE_URL?.trim() ?? '';
  const given = written ?? (variable === '' ? undefined : { url: variable });
  if (given === undefined) return { store: memoryLedgerStore() };
  const where = written === undefined ? 'GATEWAY_STORAGE_URL' : 'storage';
  const { url, retentionDays, spool, whenFull } = parseOptions(schema, given, where);
  const { engine, folder } = openUrl(url, { where, runtime });
  return {
    store: sqlLedgerStore(engine),
    spool: spool ?? folder,
    whenFull,
    ...(retentionDays !== undefined && { retentionDays }),
  };
}

/** The same database once more, for what must not wait behind the ledger; `undefined` where none is configured. */
export function openStorage(
  written: GatewayStorage | undefined,
  environment: Environment,
  runtime: Runtime,
): SqlEngine | undefined {
  const url = written?.url ?? environment.GATEWAY_STORAGE_URL?.trim() ?? '';
  return url === '' ? undefined : openUrl(url, { where: 'storage', runtime }).engine;
}

interface Opening {
  readonly where: string;
  readonly runtime: Runtime;
}

function openUrl(url: string, { where, runtime }: Opening): { readonly engine: SqlEngine; readonly folder: string } {
  const file = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (file !== undefined && file !== ':memory:') {
    return { engine: openSqlite({ path: file, runtime }), folder: `${file}.spool` };
  }
  if (/^postgres(?:ql)?:\/\/./.test(url)) {
    requirePg(where);
    return { engine: openPostgres({ url }), folder: './gateway.spool' };
  }
  throw new ConfigurationError(
    `${where}: the address must be "sqlite:./gateway.db" or "postgres://user:password@host/database"`,
  );
}

function requirePg(where: string): void {
  try {
    createRequire(import.meta.url).resolve('pg');
  } catch {
    throw new ConfigurationError(`${where}: PostgreSQL needs the package "pg": npm install pg`);
  }
}
