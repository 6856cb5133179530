import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions, withMethods } from '../core/options.ts';
import type { Runtime } from '../core/runtime.ts';
import { memoryLedgerStore } from '../stores/memory/ledger-store.ts';
import { openPostgres } from '../stores/postgres/open-postgres.ts';
import type { SqlEngine } from '../stores/sql/engine.ts';
import { sqlLedgerStore } from '../stores/sql/ledger-store.ts';
import { openSqlite } from '../stores/sqlite/open-sqlite.ts';
import type { LedgerOptions, LedgerStore } from '../usage/index.ts';

/** Where usage is kept. Without it, sums stand in memory for as long as the process runs, and no file is written. */
export interface GatewayStorage {
  /**
   * `sqlite:./gateway.db`, or `postgres://user:password@host/database` (needs the package `pg`). Keys made at run time and
   * budgets live there, too, unless they have stores of their own. Give this or `store`.
   */
  readonly url?: string;
  /** A ledger of your own; it is closed with the gateway. */
  readonly store?: LedgerStore;
  /**
   * Whole days after which usage is forgotten.
   * @default never
   */
  readonly retentionDays?: number;
  /**
   * Folder, on a disk that outlives the process, for usage that the database does not have yet.
   * @default beside an SQLite file, with `.spool` at its end; with a `store`, none; else `./gateway.spool`
   */
  readonly spool?: string;
  /**
   * What becomes of calls when the database has been away so long that no more usage can wait: `count` serves them and
   * counts what is lost, `refuse` answers 503.
   * @default 'count'
   */
  readonly whenFull?: 'count' | 'refuse';
  /**
   * Lines that may wait for the database, about 700 bytes each.
   * @default 100000
   */
  readonly maxPending?: number;
}

const storeMethods = ['write', 'totals', 'prune', 'close'] as const;

/** Reads the shape; `resolveStorage` checks what stands in it. */
const schema = z
  .strictObject({
    url: z.string().optional(),
    store: withMethods<LedgerStore>(storeMethods).optional(),
    retentionDays: z.number().int('must be a whole number of days').min(1).max(36_500).optional(),
    spool: z.string().min(1, 'must name a folder').optional(),
    whenFull: z.enum(['count', 'refuse'], 'must be count or refuse').default('count'),
    maxPending: z.int('must be a whole number of lines').min(1, 'must be greater than 0').optional(),
  })
  .refine(
    ({ url, store }) => (url === undefined) !== (store === undefined),
    'must hold a "url", such as "sqlite:./gateway.db", or a "store" of your own, and not both',
  );

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
  const given = written ?? { url: storageUrl(written, environment) };
  if (written === undefined && given.url === undefined) return { store: memoryLedgerStore() };
  const where = written === undefined ? 'GATEWAY_STORAGE_URL' : 'storage';
  const { url, store, spool, retentionDays, whenFull, maxPending } = parseOptions(schema, given, where);
  const opened = openLedger(url, store, { where, runtime });
  const folder = spool ?? opened.folder;
  return {
    store: opened.store,
    whenFull,
    ...(folder !== undefined && { spool: folder }),
    ...(retentionDays !== undefined && { retentionDays }),
    ...(maxPending !== undefined && { maxPending }),
  };
}

function openLedger(
  url: string | undefined,
  store: LedgerStore | undefined,
  opening: Opening,
): { readonly store: LedgerStore; readonly folder?: string } {
  if (store !== undefined) return { store };
  const { engine, folder } = openUrl(url ?? '', opening);
  return { store: sqlLedgerStore(engine), folder };
}

/** The address of the database, where there is one. */
export function storageUrl(written: GatewayStorage | undefined, environment: Environment): string | undefined {
  const url = (written === undefined ? environment.GATEWAY_STORAGE_URL : written.url)?.trim() ?? '';
  return url === '' ? undefined : url;
}

/** The same database once more, for what must not wait behind the ledger; `undefined` where none is configured. */
export function openStorage(
  written: GatewayStorage | undefined,
  environment: Environment,
  runtime: Runtime,
): SqlEngine | undefined {
  const url = storageUrl(written, environment);
  return url === undefined ? undefined : openUrl(url, { where: 'storage', runtime }).engine;
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
