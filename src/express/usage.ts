import { memoryLedgerStore } from '../stores/memory/ledger-store.ts';
import { createLedger, type Ledger, type LedgerOptions, usageEndpoint } from '../usage/index.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type {
  AttemptEntry,
  CallEntry,
  LedgerEntry,
  LedgerNotice,
  LedgerOptions,
  LedgerStore,
  TotalsQuery,
  TotalsRow,
} from '../usage/index.ts';

export interface UsageOptions extends Omit<LedgerOptions, 'store'> {
  /** Where the ledger is kept: `sqliteLedger({ path })`, `postgresLedger({ url })`. @default sums in memory */
  readonly store?: LedgerOptions['store'];
}

/** Writes down what passes it; `report` answers `GET /usage`. */
export interface UsageMiddleware extends Middleware, Pick<Ledger, 'flush' | 'close'> {
  readonly report: Middleware;
}

/**
 * Keeps the ledger of all calls and attempts. Mount it behind `auth`: `app.use('/v1', auth(), ledger, failover())` and
 * `app.get('/v1/usage', auth(), ledger.report)`.
 *
 * @throws ConfigurationError when the folder of the journals cannot be written to
 */
export function usage({ store = memoryLedgerStore(), ...options }: UsageOptions = {}): UsageMiddleware {
  const ledger = createLedger({ store, ...options });
  return Object.assign(mount(ledger.capability), {
    report: mount(usageEndpoint(ledger)),
    flush: () => ledger.flush(),
    close: (mayWait?: number) => ledger.close(mayWait),
  });
}
