export type {
  AttemptEntry,
  AttemptPhase,
  CallEntry,
  LedgerEntry,
  LedgerStore,
  TotalsQuery,
  TotalsRow,
} from './ledger.ts';
export { createLedger, type Ledger, type LedgerOptions } from './ledger-keeper.ts';
export type { LedgerNotice } from './ledger-writer.ts';
export { usageEndpoint } from './usage-endpoint.ts';
