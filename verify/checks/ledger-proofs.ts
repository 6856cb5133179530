import type { LedgerKind } from '../harness/ledger-site.ts';
import type { Measure } from '../harness/measure.ts';
import { installed } from '../harness/servers.ts';
import { ledgerDeaths } from './ledger-deaths.ts';
import { ledgerCrowd, ledgerEnding } from './ledger-endings.ts';
import { ledgerSums } from './ledger-sums.ts';
import { ledgerTokens } from './ledger-tokens.ts';

export interface LedgerProofPlan {
  /** Requests while gateways are killed, a hundred for each kill. */
  readonly requests: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

/** Everything the ledger stands for, in each of its databases, at full length. */
export async function* ledgerProofs({
  requests,
  seed,
  onProgress,
}: LedgerProofPlan): AsyncIterable<readonly Measure[]> {
  yield await ledgerTokens({ answers: Math.ceil(requests / 500), seed });
  yield await ledgerSums({ calls: requests * 5, seed, onProgress });
  for (const store of ['SQLite', 'PostgreSQL'] as const) {
    if (store === 'PostgreSQL' && !installed.PostgreSQL) {
      yield [
        {
          name: 'PostgreSQL on this machine',
          measured: 'not installed',
          required: 'installed',
          pass: false,
          timed: false,
        },
      ];
      return;
    }
    onProgress(store);
    yield await ledgerEnding({ store, calls: Math.ceil(requests / 2) });
    yield await ledgerCrowd({ store, calls: Math.ceil(requests / 2), processes: 4 });
    const share = shares[store];
    const kills = Math.ceil((requests / 100) * share);
    yield await ledgerDeaths({ store, kills, requests: requests * share, seed, onProgress });
  }
}

/** PostgreSQL has half of the kills. */
const shares: Readonly<Record<LedgerKind, number>> = { SQLite: 1, PostgreSQL: 0.5 };
