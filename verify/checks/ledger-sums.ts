import { sql } from 'kysely';
import { startFakeProvider } from '../../src/testing/index.ts';
import { Caller } from '../harness/caller.ts';
import { eventually } from '../harness/gateway.ts';
import { type GatewayChild, startGatewayChild } from '../harness/gateway-child.ts';
import { type LedgerRow, total } from '../harness/ledger-audit.ts';
import { type LedgerSite, ledgerConfig, nanoUsd, openLedgerSite } from '../harness/ledger-site.ts';
import { closedLoop } from '../harness/load.ts';
import { atLeast, exactly, type Measure, named } from '../harness/measure.ts';
import { modelAt, playedDialects } from '../harness/providers.ts';
import { seededRandom } from '../harness/runtimes.ts';

export interface LedgerSumsPlan {
  readonly calls: number;
  readonly seed: number;
  readonly onProgress?: (line: string) => void;
}

const scopes = ['key', 'user', 'team', 'project', 'feature', 'global'] as const;
/** Those a report can be grouped by, and the columns of the ledger that they are. */
const groups = { key: 'key_id', user: 'user_id', team: 'team', project: 'project', feature: 'feature' } as const;

const owners = Array.from({ length: 12 }, (_, index) => ({
  key: `sk-owner-${index}-0123456789`,
  id: `owner-${index}`,
  user: `user-${index % 7}`,
  team: `team-${index % 3}`,
  project: `project-${index % 4}`,
  feature: `feature-${index % 5}`,
}));
const auditor = { key: 'sk-auditor-0123456789', admin: true };

/**
 * Mixed traffic of many owners: what the ledger has, what budgets have, what reports say and what the provider billed are
 * one and the same sum, to the thousand-millionth of a dollar.
 */
export async function ledgerSums({ calls, seed, onProgress }: LedgerSumsPlan): Promise<readonly Measure[]> {
  const random = seededRandom(seed);
  const site = await openLedgerSite('SQLite');
  const bill = { answers: 0, input: 0, output: 0 };
  const wall = await startFakeProvider({
    seed,
    // Its own count of each answer it gives to the end.
    speak({ model, question, inputTokens }) {
      const count = Number(/\d+/.exec(question)?.[0] ?? 0);
      if (!model.includes('+')) {
        bill.answers += 1;
        bill.input += inputTokens;
        bill.output += count;
      }
      return Array.from({ length: count }, (_, index) => `w${index}`).join(' ');
    },
  });
  const config = ledgerConfig(site, wall);
  const gateway = await startGatewayChild({
    ...config,
    keys: [...owners, auditor],
    models: { chain: { targets: ['openai/demo-small+e503', 'anthropic/demo-small'] } },
    budgets: { list: scopes.map((per) => ({ per, limit: 1_000_000, period: '366d' })), defaultMaxOutputTokens: 500 },
  });
  const caller = new Caller(gateway.url, 32);
  let made = 0;
  await closedLoop({ requests: calls, concurrency: 32 }, async (index) => {
    await ask({ caller, random, index });
    made += 1;
    if (made % 10_000 === 0) onProgress?.(`${made} calls`);
  });
  await eventually('the provider is let go', () => wall.stats().open === 0);
  const taken = await settled(gateway);
  const differences = await reportDifferences(gateway.port, site);
  await gateway.terminate();
  caller.close();
  const audit = await site.audit();
  const counters = await budgetCounters(site);
  await wall.close();
  await site.stop();
  const counted = audit.attempts.filter((row) => row.usage_source === 'provider');
  const billed = BigInt(bill.input * nanoUsd.input + bill.output * nanoUsd.output);
  return named(`${calls} mixed calls`, [
    exactly({ name: 'rows of calls, of those that reached the gateway', value: audit.calls.length, bound: taken }),
    exactly({
      name: 'nano-dollars between the ledger and what the provider billed',
      value: Number(total(counted, 'cost_nano_usd') - billed),
      bound: 0,
      detail: `${billed} for ${bill.answers} answers`,
    }),
    exactly({
      name: 'tokens between the ledger and what the provider counted',
      value:
        Number(total(counted, 'input_tokens')) - bill.input + Number(total(counted, 'output_tokens')) - bill.output,
      bound: 0,
    }),
    atLeast({
      name: 'attempts that nobody counted and that cost something',
      value: audit.attempts.filter((row) => row.usage_source !== 'provider' && row.cost_nano_usd !== null).length,
      bound: 1,
    }),
    ...budgetMeasures(counters, audit.attempts),
    exactly({
      name: 'groups of reports that differ from the ledger',
      value: differences.wrong,
      bound: 0,
      detail: `of ${differences.groups}`,
    }),
    ...audit.measures,
  ]);
}

interface Turn {
  readonly caller: Caller;
  readonly random: () => number;
  readonly index: number;
}

/** Most calls are answered; the others fail over, are refused, break off, or are abandoned. */
async function ask({ caller, random, index }: Turn): Promise<void> {
  const kind = random();
  const owner = owners[Math.floor(random() * owners.length)];
  const stream = random() < 0.5;
  const count = 1 + Math.floor(random() * 40);
  const healthy = modelAt(playedDialects[index % playedDialects.length] ?? 'openai-chat');
  const model =
    kind < 0.84
      ? healthy
      : kind < 0.88
        ? 'chain'
        : kind < 0.92
          ? 'gemini/demo-small+e400'
          : kind < 0.96
            ? `cohere/m${index}+cut(3)`
            : `openai/m${index}+stall(3)`;
  const leaves = model.includes('stall') ? { signal: AbortSignal.timeout(20 + Math.floor(random() * 60)) } : {};
  const body = { model, stream, messages: [{ role: 'user', content: `write ${count} words` }] };
  await caller.ask(body, { ...leaves, headers: { authorization: `Bearer ${owner?.key}` } });
}

/** Calls of callers who left may be the last to settle. @returns how many there were: some left before they were heard */
async function settled(gateway: Pick<GatewayChild, 'vitals'>): Promise<number> {
  for (;;) {
    const { calls, settlements } = await gateway.vitals();
    if (calls === settlements) return calls;
  }
}

/** Cost by scope and by whom, such as `team team-1`. */
type Sums = ReadonlyMap<string, bigint>;

interface Counters {
  readonly spent: Sums;
  readonly held: bigint;
}

async function budgetCounters(site: LedgerSite): Promise<Counters> {
  const engine = site.open();
  const { rows } = await sql<LedgerRow>`
    select counter, sum(spent) as spent, sum(held) as held from budget_slices group by counter`.execute(engine.db);
  await engine.close();
  const spent = rows.map((row): readonly [string, bigint] => {
    // Owner, name, scope and value: `BudgetCounter.key`.
    const [, , scope, value] = JSON.parse(String(row.counter));
    return [`${scope} ${value}`, BigInt(String(row.spent))];
  });
  return { spent: new Map(spent), held: total(rows, 'held') };
}

function budgetMeasures({ spent, held }: Counters, attempts: readonly LedgerRow[]): readonly Measure[] {
  const expected = new Map<string, bigint>([['global all', total(attempts, 'cost_nano_usd')]]);
  for (const [scope, column] of Object.entries(groups)) {
    for (const [value, sum] of sumsBy(attempts, column)) expected.set(`${scope} ${value}`, sum);
  }
  const difference = [...expected].reduce((all, [name, sum]) => all + distance(sum, spent.get(name)), 0n);
  return [
    exactly({
      name: 'nano-dollars between the ledger and the budgets of all scopes',
      value: Number(difference),
      bound: 0,
      detail: `${expected.get('global all')} in each scope`,
    }),
    exactly({ name: 'budgets', value: spent.size, bound: expected.size }),
    exactly({ name: 'nano-dollars still held', value: Number(held), bound: 0 }),
  ];
}

function distance(one: bigint, other = 0n): bigint {
  return one > other ? one - other : other - one;
}

function sumsBy(rows: readonly LedgerRow[], column: string): Sums {
  const byValue = Map.groupBy(rows, (row) => String(row[column]));
  return new Map([...byValue].map(([value, own]) => [value, total(own, 'cost_nano_usd')]));
}

interface ReportGroup {
  readonly cost_nano_usd: string;
  readonly [name: string]: unknown;
}

/** Asks the gateway itself, by each of the groups, and compares with the rows. */
async function reportDifferences(
  port: number,
  site: LedgerSite,
): Promise<{ readonly groups: number; readonly wrong: number }> {
  const day = 86_400_000;
  const [from, to] = [Date.now() - day, Date.now() + day].map((time) => new Date(time).toISOString());
  const reports = new Map<string, readonly ReportGroup[]>();
  for (const group of Object.keys(groups)) {
    const url = `http://127.0.0.1:${port}/v1/usage?from=${from}&to=${to}&group_by=${group}&limit=1000`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${auditor.key}` } });
    const body = (await response.json()) as { readonly data: readonly ReportGroup[] };
    reports.set(group, body.data);
  }
  // A report waits until everything is written.
  const { attempts } = await site.audit();
  let wrong = 0;
  let count = 0;
  for (const [group, column] of Object.entries(groups)) {
    const sums = sumsBy(attempts, column);
    const lines = reports.get(group) ?? [];
    count += lines.length;
    wrong += Math.abs(lines.length - sums.size);
    wrong += lines.filter((line) => BigInt(line.cost_nano_usd) !== sums.get(String(line[group]))).length;
  }
  return { groups: count, wrong };
}
