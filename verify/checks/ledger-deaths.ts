import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { eventually, pause } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { againstLedger, askSteadily, type SeenRequest } from '../harness/ledger-callers.ts';
import { type LedgerKind, type LedgerSite, ledgerConfig, openLedgerSite } from '../harness/ledger-site.ts';
import { atLeast, atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { seededRandom } from '../harness/runtimes.ts';

export interface LedgerDeathsPlan {
  readonly store: LedgerKind;
  readonly kills: number;
  /** In all lives together. */
  readonly requests: number;
  readonly seed: number;
  readonly onProgress?: (line: string) => void;
}

const concurrency = 8;
/** Milliseconds after a start within which everything the dead had left is to be written. */
const recoveryMs = 5_000;
/** Longest time a gateway lives on when its share of requests is done: so that it dies in the middle of something. */
const longestLag = 60;

/**
 * Gateways that are killed at random moments under load, one after another: what a client saw the end of is in the ledger
 * once, and what was under way has one end.
 */
export async function ledgerDeaths(plan: LedgerDeathsPlan): Promise<readonly Measure[]> {
  const { store, kills, requests, seed, onProgress } = plan;
  const random = seededRandom(seed);
  const site = await openLedgerSite(store);
  const wall = await startFakeProvider({ seed, tokenDelay: 2, firstTokenDelay: 5 });
  const config = ledgerConfig(site, wall);
  const seen: SeenRequest[] = [];
  const recoveries: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const gateway = await startGatewayChild(config);
    const startedAt = performance.now();
    const due = seen.length + Math.ceil((requests / kills) * (0.5 + random()));
    const lag = longestLag * random();
    let dead = false;
    const caller = new Caller(gateway.url, concurrency);
    const asking = askSteadily([caller], { goesOn: () => !dead, seen, concurrency });
    let recoveredAfter: number | undefined;
    while (seen.length < due) {
      if (allRecovered(site)) recoveredAfter ??= performance.now() - startedAt;
      await pause(5);
    }
    await pause(lag);
    await gateway.kill();
    dead = true;
    await asking;
    caller.close();
    if (recoveredAfter !== undefined) recoveries.push(recoveredAfter);
    if (kill % 20 === 19) onProgress?.(`${kill + 1} kills, ${seen.length} requests`);
  }
  const last = await startGatewayChild(config);
  const startedAt = performance.now();
  await eventually('what the dead had left is written', () => allRecovered(site), 60_000);
  recoveries.push(performance.now() - startedAt);
  const exit = await last.terminate();
  const audit = await site.audit();
  const left = site.journals().length;
  const reached = wall.stats().calls;
  await wall.close();
  await site.stop();
  const recovered = audit.attempts.filter(({ phase }) => phase === 'crash_recovered').length;
  return named(`${store}, ${kills} kills`, [
    ...againstLedger(seen, audit),
    exactly({
      name: 'requests at the provider without an attempt, and attempts nobody asked for',
      value: Math.max(0, reached - audit.attempts.length) + Math.max(0, audit.attempts.length - seen.length),
      bound: 0,
      detail: `${reached} requests, ${audit.attempts.length} attempts`,
    }),
    atLeast({ name: 'attempts that ended as crash_recovered', value: recovered, bound: 1 }),
    atMost({
      name: 'from a start until what the dead had left is written, longest',
      value: Math.max(...recoveries),
      bound: recoveryMs,
      unit: ' ms',
      timed: true,
      detail: `${recoveries.length} starts; the others were killed before`,
    }),
    exactly({ name: 'journals left after SIGTERM', value: left, bound: 0 }),
    exactly({ name: 'exit code', value: Number(exit), bound: 0 }),
  ]);
}

/** The journal of who lives is all there is. */
function allRecovered(site: LedgerSite): boolean {
  return site.journals().length <= 1;
}
