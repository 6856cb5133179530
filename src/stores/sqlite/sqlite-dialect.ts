import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { ThreadConnection, type ThreadSettings } from './thread-connection.ts';

/** Kysely's dialect of SQLite over a database in a thread of its own. */
export function sqliteDialect(settings: ThreadSettings): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ThreadDriver(settings),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** One connection; kysely lets one user at a time have it, because the adapter says there are no more. */
class ThreadDriver implements Driver {
  readonly #connection: ThreadConnection;

  constructor(settings: ThreadSettings) {
    this.#connection = new ThreadConnection(settings);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  beginTransaction(): Promise<void> {
    return this.#connection.begin();
  }

  commitTransaction(): Promise<void> {
    return this.#connection.end('commit');
  }

  rollbackTransaction(): Promise<void> {
    return this.#connection.end('rollback');
  }

  async releaseConnection(): Promise<void> {}

  destroy(): Promise<void> {
    return this.#connection.close();
  }
}
