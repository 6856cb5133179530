import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { ColumnType, ColumnValue } from '../../usage/ledger-columns.ts';

/** A database and what its dialect of SQL says in its own way. Statements are checked by tests, not by types of tables. */
export interface SqlEngine {
  readonly db: Kysely<unknown>;
  /** Inside a transaction: lets one process at a time change the schema. */
  lockMigrations(transaction: Transaction<unknown>): Promise<void>;
  /** Inserts many rows in one go; the indexes of those that were inserted or changed something, in no order. */
  insertRows(transaction: Transaction<unknown>, insert: BulkInsert): Promise<readonly number[]>;
  /**
   * A transaction of inserts that needs nobody between its first and its last, so that it holds the database for as short
   * as can be: all of them, or none and false when a row of one that is `allNew` is there already. Absent where a
   * transaction holds up nobody else.
   */
  insertTogether?(inserts: readonly TogetherInsert[]): Promise<boolean>;
  /** Rows of a JSON list of three whole numbers each. */
  triples(json: string): RawBuilder<unknown>;
  close(): Promise<void>;
}

export interface TogetherInsert extends BulkInsert {
  readonly allNew: boolean;
}

export interface BulkInsert {
  readonly into: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  /** Names of the columns that make a row unique. */
  readonly key: readonly string[];
  /** The whole `on conflict` clause. */
  readonly conflict: string;
  readonly rows: readonly (readonly ColumnValue[])[];
}
