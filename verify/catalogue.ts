import { aborts } from './checks/aborts.ts';
import { budgetProofs } from './checks/budget-proofs.ts';
import { chunkings } from './checks/chunkings.ts';
import { deadProvider, deaths } from './checks/dead-provider.ts';
import { drain } from './checks/drain.ts';
import { type FlakyPlan, flakyProviders } from './checks/flaky-providers.ts';
import { heal } from './checks/heal.ts';
import { isolation } from './checks/isolation.ts';
import { ledgerOutage } from './checks/ledger-outage.ts';
import { ledgerProofs } from './checks/ledger-proofs.ts';
import { limitCrowd } from './checks/limit-crowd.ts';
import { probeCrowd } from './checks/probe-crowd.ts';
import { redisOutage } from './checks/redis-outages.ts';
import { reports } from './checks/reports.ts';
import { retryDelays } from './checks/retry-delays.ts';
import { sharedLimits } from './checks/shared-limits.ts';
import { slotsReturn } from './checks/slots.ts';
import { slowReaders } from './checks/slow-readers.ts';
import { soak } from './checks/soak.ts';
import { outages, totalOutage } from './checks/total-outage.ts';
import { truncations } from './checks/truncations.ts';
import { sharesByWeight } from './checks/weights.ts';
import type { Measure } from './harness/measure.ts';

export interface CheckOptions {
  /** Requests (streams, callers) in place of the usual number. */
  readonly requests: number | undefined;
  readonly seed: number;
  /** Hears how far a long check is. */
  readonly onProgress: (line: string) => void;
}

/** A number to prove, at full length. */
export interface Check {
  readonly name: string;
  readonly about: string;
  run(options: CheckOptions): AsyncIterable<readonly Measure[]>;
}

const strategies = ['priority', 'weighted'] as const;

export const checks: readonly Check[] = [
  {
    name: 'dead-provider',
    about: 'one of three providers is dead: refused, always 500, black hole',
    async *run({ requests = 30_000, seed }) {
      for (const death of deaths) {
        for (const strategy of strategies) {
          yield await deadProvider({ death, strategy, requests: Math.ceil(requests / 6), concurrency: 1, seed });
          yield await deadProvider({ death, strategy, requests: Math.ceil(requests / 3), concurrency: 16, seed });
        }
      }
    },
  },
  {
    name: 'flaky-providers',
    about: '30 % faults on each of three providers, three attempts a call',
    async *run({ requests = 10_000, seed }) {
      const plan = {
        requests,
        strategy: 'priority',
        concurrency: 16,
        keys: 1,
        firstToken: 300,
        least: 97,
        seed,
      } as const;
      // Stalled providers take their time when calls wait for one another; the others are many, which narrows chance.
      const many = 2 * requests;
      const patterns: readonly FlakyPlan[] = [
        ...strategies.map((strategy) => ({ ...plan, strategy, concurrency: 1, firstToken: 100 })),
        ...strategies.map((strategy) => ({ ...plan, strategy, requests: many })),
        ...strategies.map((strategy) => ({ ...plan, strategy, requests: many, concurrency: 64, firstToken: 500 })),
        { ...plan, keys: 3, requests: many },
      ];
      for (const pattern of patterns) yield await flakyProviders(pattern);
    },
  },
  {
    name: 'total-outage',
    about: 'every provider is out: how many calls the gateway adds',
    async *run({ requests = 1_000, seed }) {
      for (const outage of outages) {
        yield await totalOutage({ outage, requests, requestsPerSecond: 50, calm: 200, speed: 1, seed });
      }
      // A rate limit that lasts, with so little traffic that its every trace has faded before the next call.
      yield await totalOutage({ outage: 'e429', requests, requestsPerSecond: 2, calm: 20, speed: 50, seed });
    },
  },
  {
    name: 'recovery',
    about: 'an ejected target comes back: probes, slow start, shares, delays',
    async *run({ requests = 10_000, seed }) {
      for (const strategy of strategies) yield await probeCrowd({ crowd: 500, strategy, seed });
      for (const strategy of strategies) {
        yield await heal({ strategy, requestsPerSecond: 150, cooldown: 3, speed: 1, seed });
      }
      for (const ejected of [0, 1, 2] as const) yield await sharesByWeight({ requests, ejected, seed });
      yield await retryDelays({ calls: 500, seed });
    },
  },
  {
    name: 'chunkings',
    about: 'streams cut wherever the network may cut them',
    async *run({ requests = 20_000, seed }) {
      yield await chunkings({ inProcess: requests, overSockets: Math.ceil(requests / 10), seed });
    },
  },
  {
    name: 'truncations',
    about: 'streams that stop after each of their bytes',
    async *run() {
      yield await truncations({ step: 1, names: ['small'], callers: 'each' });
      yield await truncations({ step: 1, names: ['text', 'reasoning', 'tools'] });
    },
  },
  {
    name: 'slow-readers',
    about: 'clients that read nothing of an endless stream',
    async *run({ requests = 50 }) {
      yield await slowReaders({ readers: requests, provider: 'openai' });
      yield await slowReaders({ readers: requests, provider: 'anthropic' });
    },
  },
  {
    name: 'aborts',
    about: 'callers who leave at random moments',
    async *run({ requests = 200, seed }) {
      yield await aborts({ aborts: requests, seed });
    },
  },
  {
    name: 'isolation',
    about: 'two gateways in one process share nothing',
    async *run() {
      yield await isolation();
    },
  },
  {
    name: 'budgets',
    about: 'one to four processes on each store of budgets: crowds, midnight, deaths, outages, an emptied Redis',
    async *run({ requests = 500, seed, onProgress }) {
      yield* budgetProofs({ parallel: requests, seed, onProgress });
    },
  },
  {
    name: 'ledger',
    about: 'usage of gateways that die, end or share a database; sums against budgets, reports and the provider',
    async *run({ requests = 20_000, seed, onProgress }) {
      yield* ledgerProofs({ requests, seed, onProgress });
    },
  },
  {
    name: 'reports',
    about: 'usage of a month, 300,000 sums: how long a report takes',
    async *run({ requests = 300_000, onProgress }) {
      const users = Math.max(1, Math.round(requests / (31 * 96)));
      for (const store of ['SQLite', 'PostgreSQL'] as const)
        yield await reports({ store, days: 31, users, onProgress });
    },
  },
  {
    name: 'limits',
    about: 'limits of crowds in one process and in four, clocks apart, and slots after every way a call can end',
    async *run({ requests = 40_000, seed }) {
      const calls = Math.ceil(requests / 4) * 4;
      yield await limitCrowd({ calls: calls / 4, limit: 500, concurrency: 500 });
      yield await sharedLimits({ calls });
      for (const store of ['memory', 'Redis'] as const) yield await slotsReturn({ calls: calls / 4, store, seed });
    },
  },
  {
    name: 'redis-outage',
    about: 'Redis, and then PostgreSQL, gone for 60 s at 100 requests/s: who waits, who fails, when it is back',
    async *run({ requests = 6_000 }) {
      const perSecond = 100;
      const outageMs = Math.max(3_000, (requests / perSecond) * 1_000);
      for (const how of ['stopped', 'frozen', 'restarted'] as const) {
        yield await redisOutage({ how, outageMs, perSecond });
      }
      for (const how of ['stopped', 'frozen'] as const) yield await ledgerOutage({ how, outageMs, perSecond });
    },
  },
  {
    name: 'drain',
    about: 'SIGTERM with streams under way, some of which would never end',
    async *run({ requests = 50 }) {
      yield await drain({ streams: requests, streamMs: 5_000, endless: 0, graceMs: 25_000 });
      yield await drain({ streams: requests, streamMs: 5_000, endless: requests, graceMs: 15_000 });
    },
  },
  {
    name: 'soak',
    about: 'mixed traffic for a long time: memory, handles, records (--requests 200000 for the full length)',
    async *run({ requests = 20_000, seed, onProgress }) {
      yield await soak({ requests, seed, onProgress });
    },
  },
];
