/** What the thread of a database is started with. */
export interface ThreadStart {
  /** A file, or `:memory:`. */
  readonly path: string;
  /** How long a statement waits for other processes that write to the file. */
  readonly busyTimeoutMs: number;
}

export type SqlValue = string | number | bigint | null | Uint8Array;

export type ThreadRequest =
  | {
      readonly kind: 'statement';
      readonly id: number;
      readonly sql: string;
      readonly parameters: readonly (SqlValue | undefined)[];
    }
  /** The statement is run for each row of a JSON list of lists. */
  | { readonly kind: 'each'; readonly id: number; readonly sql: string; readonly rows: string }
  /** A transaction: each statement for each of its rows, up to one of `allNew` that finds a row there already. */
  | { readonly kind: 'together'; readonly id: number; readonly steps: readonly TogetherStep[] }
  | { readonly kind: 'close' };

export interface TogetherStep {
  readonly sql: string;
  /** A JSON list of lists of parameters. */
  readonly rows: string;
  /** Whether nothing at all is done when one of the rows changes nothing. */
  readonly allNew: boolean;
}

export type ThreadAnswer =
  | {
      readonly id: number;
      readonly rows: readonly Record<string, unknown>[];
      /** Of `together`: 1 when it was done, 0 when a row was there already. */
      readonly changes: number;
      /** Of `each`: indexes of the rows that changed something. */
      readonly changed: readonly number[];
    }
  | { readonly id: number; readonly error: string };
