import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { eventually } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { againstLedger, askOnce, askSteadily, type SeenRequest } from '../harness/ledger-callers.ts';
import { type LedgerKind, ledgerConfig, openLedgerSite } from '../harness/ledger-site.ts';
import { closedLoop } from '../harness/load.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';

export interface LedgerEndingPlan {
  readonly store: LedgerKind;
  readonly calls: number;
}

/** SIGTERM the moment the last of so many answers has come: every row of them is there. */
export async function ledgerEnding({ store, calls }: LedgerEndingPlan): Promise<readonly Measure[]> {
  const site = await openLedgerSite(store);
  const wall = await startFakeProvider();
  const gateway = await startGatewayChild(ledgerConfig(site, wall));
  const caller = new Caller(gateway.url, 100);
  const seen: SeenRequest[] = [];
  await closedLoop({ requests: calls, concurrency: 100 }, async (index) => {
    seen.push(await askOnce(caller, index));
  });
  const exit = await gateway.terminate();
  caller.close();
  const audit = await site.audit();
  const left = site.journals().length;
  await wall.close();
  await site.stop();
  return named(`${store}, SIGTERM after ${calls} calls`, [
    exactly({ name: 'answers that came whole', value: seen.filter(({ whole }) => whole).length, bound: calls }),
    exactly({ name: 'rows of calls', value: audit.calls.length, bound: calls }),
    exactly({ name: 'rows of attempts', value: audit.attempts.length, bound: calls }),
    ...againstLedger(seen, audit),
    exactly({ name: 'journals left', value: left, bound: 0 }),
    exactly({ name: 'exit code', value: Number(exit), bound: 0 }),
  ]);
}

export interface LedgerCrowdPlan extends LedgerEndingPlan {
  readonly processes: number;
}

/** Several gateways write to one database at once: none of them is told that it is busy, and every row is there. */
export async function ledgerCrowd({ store, calls, processes }: LedgerCrowdPlan): Promise<readonly Measure[]> {
  const site = await openLedgerSite(store);
  const wall = await startFakeProvider();
  const config = ledgerConfig(site, wall);
  const gateways = await Promise.all(Array.from({ length: processes }, () => startGatewayChild(config)));
  const callers = gateways.map(({ url }) => new Caller(url, 8));
  const seen: SeenRequest[] = [];
  await askSteadily(callers, { goesOn: () => seen.length < calls, seen, concurrency: 8 * processes });
  await eventually('nothing is under way', () => wall.stats().open === 0);
  const vitals = await Promise.all(gateways.map((gateway) => gateway.vitals()));
  const exits = await Promise.all(gateways.map((gateway) => gateway.terminate()));
  for (const caller of callers) caller.close();
  const audit = await site.audit();
  await wall.close();
  await site.stop();
  const complaints = vitals.flatMap((each) => each.complaints).filter((line) => !line.startsWith('No API keys'));
  return named(`${store}, ${processes} processes, ${seen.length} calls`, [
    exactly({ name: 'answers that did not come whole', value: seen.filter(({ whole }) => !whole).length, bound: 0 }),
    exactly({
      name: 'complaints of the gateways',
      value: complaints.length,
      bound: 0,
      ...(complaints[0] !== undefined && { detail: complaints[0] }),
    }),
    exactly({ name: 'rows of calls', value: audit.calls.length, bound: seen.length }),
    ...againstLedger(seen, audit),
    exactly({ name: 'exit codes that are not 0', value: exits.filter((exit) => exit !== 0).length, bound: 0 }),
  ]);
}
