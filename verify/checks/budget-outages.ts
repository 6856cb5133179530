import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '../../src/core/runtime.ts';
import { BookKeeper } from '../../src/cost-guard/book-keeper.ts';
import type { BudgetCounter, BudgetStore, Reservation } from '../../src/cost-guard/budget-store.ts';
import { ledgerHistory } from '../../src/stores/redis/budget-history.ts';
import { redisBudgetStore } from '../../src/stores/redis/budget-store.ts';
import { connectRedis } from '../../src/stores/redis/redis-connection.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import type { LedgerStore } from '../../src/usage/ledger.ts';
import { type BudgetSite, budgetNamed, statesOf } from '../harness/budget-site.ts';
import { pause } from '../harness/gateway.ts';
import { settledAttempt } from '../harness/ledger-lines.ts';
import { atLeast, atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { seededRandom } from '../harness/runtimes.ts';
import { startRedis } from '../harness/servers.ts';

const cent = 10_000_000;
const dollar = 100 * cent;

export interface OutagePlan {
  /** `freeze` keeps all connections and answers nothing; `crash` kills the server and starts it with what it had kept. */
  readonly how: 'freeze' | 'crash';
  readonly outageMs: number;
  readonly commandTimeoutMs: number;
  readonly seed: number;
}

/** A server that goes away under load and comes back: nobody waits for it, and nothing that was used is lost. */
export async function budgetOutage(site: BudgetSite, plan: OutagePlan): Promise<readonly Measure[]> {
  const { how, outageMs, commandTimeoutMs, seed } = plan;
  const { server } = site;
  if (server === undefined) throw new Error('There is no server that could go away.');
  const counter = budgetNamed(`${how}-${seed}`, { limit: 1_000 * dollar });
  const leaseMs = 1_500;
  const working = site.workers.work((worker) => ({
    seed: seed + worker,
    calls: 10,
    lastsMs: outageMs + 3_000,
    counters: [counter],
    most: cent,
    least: cent,
    leaseMs,
    holdMs: 50,
    pauseMs: 40,
    uses: 'some',
  }));
  await pause(500);
  if (how === 'freeze') server.freeze();
  else await server.kill();
  await pause(outageMs);
  if (how === 'freeze') server.thaw();
  else await server.start();
  const backAt = performance.now();
  await statesOf(site.store, [counter]);
  const backAfter = performance.now() - backAt;
  const reports = await working;
  await pause(leaseMs + 200);
  const [state] = await statesOf(site.store, [counter]);
  const used = reports.reduce((sum, { spent }) => sum + (spent[0] ?? 0), 0);
  const unanswered = reports.reduce((sum, { unavailable }) => sum + unavailable, 0);
  return named(`${site.plan.kind}, ${how} of ${outageMs} ms`, [
    atLeast({ name: 'calls without an answer', value: unanswered, bound: 1 }),
    atMost({
      name: 'longest wait for an admission',
      value: Math.max(...reports.map(({ longestMs }) => longestMs)),
      bound: commandTimeoutMs + 400,
      unit: ' ms',
      timed: true,
    }),
    atMost({ name: 'until it answers again', value: backAfter, bound: 3_000, unit: ' ms', timed: true }),
    exactly({
      name: 'nano-dollars between what processes used and what is spent',
      value: used - (state?.spent ?? Number.NaN),
      bound: 0,
    }),
    exactly({ name: 'nano-dollars still held after a lease', value: state?.held ?? Number.NaN, bound: 0 }),
  ]);
}

export interface LossPlan {
  readonly settleDownMs: number;
  readonly seed: number;
}

/**
 * Redis is started anew, empty, while a budget is half spent and calls are under way. Two gateways with a ledger go on
 * asking for more than is left of it.
 */
export async function budgetLoss({ settleDownMs, seed }: LossPlan): Promise<readonly Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'budgets-'));
  const server = await startRedis();
  const ledger = sqlLedgerStore(openSqlite({ path: join(folder, 'ledger.db') }));
  const gateways = [1, 2].map(() => openGateway({ url: server.url, ledger, settleDownMs }));
  const since = systemRuntime.wallTime() - 3_600_000;
  const counter = budgetNamed('loss', { limit: dollar, since, slice: since, expiresAt: since + 86_400_000 });
  const random = seededRandom(seed);
  const tally: Tally = { used: 0, unavailable: 0, admitted: 0, refused: 0 };
  const traffic = async (goesOn: () => boolean): Promise<void> => {
    while (goesOn()) {
      const gateway = gateways[Math.floor(random() * gateways.length)];
      if (gateway !== undefined)
        await one({ gateway, counter, ledger, least: cent, used: Math.ceil(cent * random()), tally });
      await pause(5);
    }
  };
  // Half of it is spent, and some calls last longer than the server.
  await one({ gateway: gateways[0], counter, ledger, least: 50 * cent, used: 50 * cent, tally });
  const lasting = await Promise.all(gateways.map((gateway) => begin(gateway, counter, 10 * cent)));
  await traffic(() => tally.admitted < 20);
  await server.restartEmpty();
  const lostAt = performance.now();
  const inTime = (): boolean => performance.now() < lostAt + 60_000;
  // Until nothing is left to be had: a call that is refused may have met what others held only for the moment.
  const crowd = Promise.all(Array.from({ length: 8 }, () => traffic(() => tally.refused < 200 && inTime())));
  const admittedBefore = tally.admitted;
  while (tally.admitted === admittedBefore && inTime()) await pause(10);
  const backAfter = performance.now() - lostAt;
  await crowd;
  for (const [index, reservation] of lasting.entries()) {
    const gateway = gateways[index];
    if (gateway !== undefined) await end({ gateway, reservation, ledger, used: 10 * cent, tally });
  }
  await Promise.all(gateways.map(({ keeper }) => keeper.close()));
  const store = gateways[0]?.store;
  const [state] = store === undefined ? [] : await statesOf(store, [counter]);
  const written = await ledgerHistory(ledger).spentSince(counter, since);
  await Promise.all(gateways.map(({ close }) => close()));
  await ledger.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  return named('Redis started empty', [
    atMost({ name: 'nano-dollars used of a dollar', value: tally.used, bound: dollar }),
    atLeast({ name: 'nano-dollars used of a dollar', value: tally.used, bound: 0.9 * dollar }),
    exactly({ name: 'nano-dollars between use and ledger', value: tally.used - written, bound: 0 }),
    exactly({
      name: 'nano-dollars between use and counter',
      value: (state?.spent ?? Number.NaN) - tally.used,
      bound: 0,
    }),
    exactly({ name: 'nano-dollars still held', value: state?.held ?? Number.NaN, bound: 0 }),
    atLeast({ name: 'calls refused for want of counters', value: tally.unavailable, bound: 1 }),
    atMost({ name: 'until calls are admitted again', value: backAfter, bound: 5_000, unit: ' ms', timed: true }),
  ]);
}

interface Gateway {
  readonly store: BudgetStore;
  readonly keeper: BookKeeper;
  close(): Promise<void>;
}

const leaseMs = 2_000;

function openGateway(parts: {
  readonly url: string;
  readonly ledger: LedgerStore;
  readonly settleDownMs: number;
}): Gateway {
  const connection = connectRedis({ url: parts.url, commandTimeout: '1s' });
  const store = redisBudgetStore(connection, {
    history: ledgerHistory(parts.ledger),
    settleDownMs: parts.settleDownMs,
  });
  const keeper = new BookKeeper({ store, runtime: systemRuntime, leaseMs, onFailure() {}, onLoss() {} });
  return { store, keeper, close: () => connection.close() };
}

interface Tally {
  /** Nano-dollars. */
  used: number;
  /** Calls, by what became of them. */
  unavailable: number;
  admitted: number;
  refused: number;
}

interface OneCall {
  readonly gateway: Gateway | undefined;
  readonly counter: BudgetCounter;
  readonly ledger: LedgerStore;
  readonly least: number;
  readonly used: number;
  readonly tally: Tally;
}

async function one({ gateway, counter, ledger, least, used, tally }: OneCall): Promise<void> {
  if (gateway === undefined) return;
  let reservation: Reservation | undefined;
  try {
    reservation = await begin(gateway, counter, least);
  } catch {
    tally.unavailable += 1;
    return;
  }
  if (reservation === undefined) {
    tally.refused += 1;
    return;
  }
  tally.admitted += 1;
  await end({ gateway, reservation, ledger, used, tally });
}

/** `undefined` when the budget does not pay for it. */
async function begin(gateway: Gateway, counter: BudgetCounter, least: number): Promise<Reservation | undefined> {
  const id = systemRuntime.newId();
  const result = await gateway.store.reserve({ id, counters: [counter], most: least, least, leaseMs });
  if (result.kind === 'refused') return undefined;
  const reservation = { id, counters: [counter], amount: result.amount };
  gateway.keeper.keep(reservation);
  return reservation;
}

async function end(call: {
  readonly gateway: Gateway;
  readonly reservation: Reservation | undefined;
  readonly ledger: LedgerStore;
  readonly used: number;
  readonly tally: { used: number };
}): Promise<void> {
  const { gateway, reservation, ledger, used, tally } = call;
  if (reservation === undefined) return;
  tally.used += used;
  await ledger.write([
    settledAttempt({ id: reservation.id, user: 'loss', nanoUsd: used, at: systemRuntime.wallTime() }),
  ]);
  gateway.keeper.settle(reservation, used, () => {});
}
