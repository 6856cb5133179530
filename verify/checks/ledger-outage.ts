import { startFakeProvider } from '../../src/testing/index.ts';
import { pause } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { againstLedger } from '../harness/ledger-callers.ts';
import { ledgerConfig, openLedgerSite } from '../harness/ledger-site.ts';
import { atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { askedWithin, errorCode, isServed, steadyLoad, type TimedAnswer, waitAt } from '../harness/steady-load.ts';

export interface LedgerOutagePlan {
  readonly how: 'stopped' | 'frozen';
  readonly outageMs: number;
  readonly perSecond: number;
}

/** A statement's and a connection's time limits, and the longest pause between two tries to write. */
const arrivalMs = 15_000;
/** Milliseconds after which nobody waits any longer for what should have come. */
const hopelessMs = 60_000;
/**
 * What a report waits for a database that hangs: the time limits of a connection and a statement, once for the write that
 * is under way, once for what has come since, and once for what it reads.
 */
const reportMs = 3 * (2_000 + 6_000);
/** What a process that has just begun takes to come up to speed. */
const warmUpMs = 3_000;

/** PostgreSQL goes away under load and comes back: nobody fails or waits, and every row arrives. */
export async function ledgerOutage(plan: LedgerOutagePlan): Promise<readonly Measure[]> {
  const { how, outageMs, perSecond } = plan;
  const site = await openLedgerSite('PostgreSQL');
  const { server } = site;
  if (server === undefined) throw new Error('There is no server that could go away.');
  const wall = await startFakeProvider();
  const gateway = await startGatewayChild(ledgerConfig(site, wall));
  const { storage: _, ...config } = ledgerConfig(site, wall);
  // Needs no database: what else the machine does at the same time shows here as well.
  const control = await startGatewayChild(config);
  let going = true;
  const answers: TimedAnswer[] = [];
  const unaffected: TimedAnswer[] = [];
  const loads = [
    steadyLoad(gateway.url, { perSecond, answers, goesOn: () => going }),
    steadyLoad(control.url, { perSecond, answers: unaffected, goesOn: () => going }),
  ];
  await pause(warmUpMs);
  const from = performance.now();
  if (how === 'frozen') server.freeze();
  else await server.kill();
  const report = askForReport(gateway.port);
  await pause(outageMs);
  if (how === 'frozen') server.thaw();
  else await server.start();
  const to = performance.now();
  const { status, took } = await report;
  going = false;
  await Promise.all(loads);
  await control.stop();
  let arrivedAfter = Number.POSITIVE_INFINITY;
  let rows = 0;
  while (rows < answers.length && performance.now() - to < hopelessMs) {
    await pause(200);
    rows = (await site.audit()).calls.length;
    arrivedAfter = performance.now() - to;
  }
  const exit = await gateway.terminate();
  const audit = await site.audit();
  const left = site.journals().length;
  await wall.close();
  await site.stop();
  const [meanwhile, unharmed] = [askedWithin(answers, from, to), askedWithin(unaffected, from, to)];
  const failed = answers.filter((answer) => !isServed(answer));
  const seen = answers.map((answer) => ({ id: String(answer.headers['x-request-id']), whole: isServed(answer) }));
  return named(`PostgreSQL ${how} for ${outageMs} ms at ${perSecond} requests/s`, [
    exactly({
      name: 'failed requests',
      value: failed.length,
      bound: 0,
      detail: `of ${answers.length}${failed[0] === undefined ? '' : `; ${failed[0].status} ${errorCode(failed[0])}`}`,
    }),
    // What else the machine does weighs less on the median.
    ...(
      [
        ['p99', 0.99, 10],
        ['median', 0.5, 5],
      ] as const
    ).map(([name, share, bound]) =>
      atMost({
        name: `wait added meanwhile, ${name}`,
        value: waitAt(meanwhile, share) - waitAt(unharmed, share),
        bound,
        unit: ' ms',
        timed: true,
        detail: `${waitAt(meanwhile, share).toFixed(1)} ms in all`,
      }),
    ),
    // A report may wait for a database that hangs for a short time only.
    ...(how === 'stopped' || outageMs > reportMs
      ? [exactly({ name: 'status of a report meanwhile', value: status, bound: 503 })]
      : []),
    atMost({ name: 'wait for that report', value: took, bound: reportMs, unit: ' ms', timed: true }),
    atMost({ name: 'until every row has arrived', value: arrivedAfter, bound: arrivalMs, unit: ' ms', timed: true }),
    exactly({ name: 'rows of calls', value: audit.calls.length, bound: answers.length }),
    ...againstLedger(seen, audit),
    exactly({ name: 'journals left after SIGTERM', value: left, bound: 0 }),
    exactly({ name: 'exit code', value: Number(exit), bound: 0 }),
  ]);
}

async function askForReport(port: number): Promise<{ readonly status: number; readonly took: number }> {
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/v1/usage`);
  await response.text();
  return { status: response.status, took: performance.now() - startedAt };
}
