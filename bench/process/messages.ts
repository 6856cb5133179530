/**
 * Questions between the bench and its child processes: a table from the question's kind to what is asked and answered.
 */
export type Protocol = Readonly<Record<string, { readonly ask: unknown; readonly answer: unknown }>>;

/** From the parent. */
export interface Question {
  readonly id: number;
  readonly kind: string;
  readonly ask: unknown;
}

/** From the child. */
export type Message =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string };

/** Every child answers these. */
export type CommonProtocol = {
  /** Processor time used so far, user and system, in microseconds. */
  readonly cpu: { readonly ask: undefined; readonly answer: number };
  /** Resident set in bytes, after a full garbage collection. */
  readonly memory: { readonly ask: undefined; readonly answer: number };
  readonly 'start-profile': { readonly ask: undefined; readonly answer: undefined };
  /** Asks with the file to write. */
  readonly 'stop-profile': { readonly ask: string; readonly answer: undefined };
};
