import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayConfig } from '../../src/gateway/config/schema.ts';
import { openPostgres } from '../../src/stores/postgres/open-postgres.ts';
import type { SqlEngine } from '../../src/stores/sql/engine.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import type { FakeProvider } from '../../src/testing/index.ts';
import { auditLedger, type LedgerAudit } from './ledger-audit.ts';
import { everyDialectAt, providersByDialect } from './providers.ts';
import { startPostgres, type TestServer } from './servers.ts';

export type LedgerKind = 'SQLite' | 'PostgreSQL';

/** A database of its own for the ledgers of one check, and the folder of their journals. */
export interface LedgerSite {
  readonly storage: NonNullable<GatewayConfig['storage']>;
  /** Absent for SQLite. */
  readonly server?: TestServer;
  /** Names of the journals there are. */
  journals(): readonly string[];
  /** Opens the database once more. */
  open(): SqlEngine;
  /** Reads the whole ledger. */
  audit(): Promise<LedgerAudit>;
  stop(): Promise<void>;
}

export async function openLedgerSite(kind: LedgerKind): Promise<LedgerSite> {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  const spool = join(folder, 'spool');
  const path = join(folder, 'gateway.db');
  const server = kind === 'PostgreSQL' ? await startPostgres() : undefined;
  const open = (): SqlEngine => (server === undefined ? openSqlite({ path }) : openPostgres({ url: server.url }));
  return {
    storage: { url: server?.url ?? `sqlite:${path}`, spool },
    ...(server !== undefined && { server }),
    journals: () => readdirSync(spool),
    open,
    async audit() {
      const engine = open();
      const audit = await auditLedger(engine);
      await engine.close();
      return audit;
    },
    async stop() {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What each token costs at every provider of `ledgerConfig`. */
export const nanoUsd = { input: 1000, output: 2000 };

/** A gateway with a ledger here, in front of one provider that speaks every dialect. */
export function ledgerConfig(site: Pick<LedgerSite, 'storage'>, wall: FakeProvider): GatewayConfig {
  // US dollars for a million tokens.
  const prices = { '*': { input: nanoUsd.input / 1000, output: nanoUsd.output / 1000 } };
  const providers = { ...everyDialectAt(wall, { prices }), ...providersByDialect(wall, { prices }) };
  return { providers, failover: { retries: 0 }, storage: site.storage };
}
