import { Kysely, sql, type Transaction } from 'kysely';
import type { SqlEngine } from '../sql/engine.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { EachRow } from './thread-connection.ts';

export interface SqliteSettings {
  /** A file, which is made when it is not there, or `:memory:`. */
  readonly path: string;
  /** How long a statement waits for other processes that write to the file, in milliseconds. @default 5000 */
  readonly busyTimeoutMs?: number;
}

/** Opens an SQLite database on `node:sqlite`, in a thread of its own, with the write-ahead log. */
export function openSqlite<Tables>({ path, busyTimeoutMs = 5000 }: SqliteSettings): SqlEngine<Tables> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect({ path, busyTimeoutMs }) });
  return {
    db,
    // A transaction has locked the whole file.
    lockMigrations: async () => {},
    async insertRows(transaction: Transaction<Tables>, { into, columns, conflict }, rows) {
      const names = sql.raw(columns.map(({ name }) => name).join(', '));
      const places = sql.raw(columns.map((_, index) => `?${index + 1}`).join(', '));
      const query = sql`insert into ${sql.raw(into)} (${names}) select ${places} where ${new EachRow(JSON.stringify(rows))} is not null or true ${sql.raw(conflict)}`;
      const { rows: changed } = await query.execute(transaction);
      return changed;
    },
    stretches: (json) => sql`select key as n, value ->> 0 as lo, value ->> 1 as hi from json_each(${json})`,
    close: () => db.destroy(),
  };
}
