import path from 'node:path';
import type { Gateway } from '../../src/index.ts';
import { contenderFolder } from '../process/serve.ts';
import { failoverSettings, keys, models, providers, underTest } from './package-under-test.ts';

/** Limits and budgets of every kind, so wide that no call is refused; what is used stands in an SQLite file. */
export function limitedGateway(budgetStore: 'memory' | 'storage'): Gateway {
  return underTest.createGateway({
    providers,
    models,
    keys,
    failover: failoverSettings,
    rateLimit: {
      limits: [
        { per: 'key', requests: 1e9, window: '1m' },
        { per: 'key', tokens: 1e12, window: '1m' },
        { per: 'key', concurrent: 1e6 },
        { per: 'global', requests: 1e9, window: '1m' },
      ],
    },
    budgets: {
      store: budgetStore,
      list: [
        { per: 'key', limit: 9e6, period: 'month' },
        { per: 'global', limit: 9e6, period: 'day' },
      ],
    },
    storage: { url: `sqlite:${path.join(contenderFolder(), 'gateway.db')}` },
  });
}
