import { describe, expect, it } from '@jest/globals';
import { type BudgetsSettings, createCostGuard } from '../../src/cost-guard/index.ts';
import { resolveCostGuardOptions } from '../../src/cost-guard/options.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { refusal } from '../gateway/support/gateway-app.ts';

const resolve = (settings: unknown) => resolveCostGuardOptions(settings as BudgetsSettings, 'budgets');

describe('the options of costGuard', () => {
  it('are what nobody has said otherwise of', () => {
    expect(resolve({})).toEqual({
      rules: [],
      webhook: undefined,
      maxCostPerRequest: undefined,
      allowUnpriced: false,
      defaultMaxOutputTokens: undefined,
      leastOutputTokens: 64,
      localCap: undefined,
      leaseMs: 5_000,
    });
  });

  it('make whole nano-dollars and sorted thresholds of a budget', () => {
    const list = [
      { per: 'team', limit: 0.1, period: 'month', timezone: 'Europe/Amsterdam' },
      { per: 'user', limit: 5, period: '24h', alerts: [100, 50, 100], name: 'daily' },
    ];
    expect(resolve({ list, alerts: [90, 80] }).rules).toEqual([
      {
        name: 'team-month',
        per: 'team',
        limit: 100_000_000,
        period: 'month',
        timezone: 'Europe/Amsterdam',
        alerts: [80, 90],
      },
      {
        name: 'daily',
        per: 'user',
        limit: 5_000_000_000,
        period: { rollingMs: 86_400_000 },
        timezone: 'UTC',
        alerts: [50, 100],
      },
    ]);
  });

  it.each([
    [{ lst: [] }, 'unknown option "lst" (did you mean "list"?)'],
    [{ list: [{ per: 'usr', limit: 1, period: 'day' }] }, '"list.0.per" must be one of key, user, team, project'],
    [{ list: [{ per: 'user', limit: 0, period: 'day' }] }, '"list.0.limit" must be greater than 0'],
    [{ list: [{ per: 'user', limit: '5', period: 'day' }] }, '"list.0.limit" must be a number of US dollars'],
    [{ list: [{ per: 'user', limit: 1e7, period: 'day' }] }, '"list.0.limit" must be at most 9000000'],
    [
      { list: [{ per: 'user', limit: 1, period: 'year' }] },
      '"list.0.period" must be "day", "week", "month" or a duration',
    ],
    [{ list: [{ per: 'user', limit: 1, period: '5s' }] }, '"list.0.period" must be from "1m" to "366d"'],
    [{ list: [{ per: 'user', limit: 1, period: 'day', timezone: 'Mars/Olympus' }] }, 'must be an IANA time zone'],
    [
      {
        list: [
          { per: 'user', limit: 1, period: 'day' },
          { per: 'user', limit: 2, period: 'day' },
        ],
      },
      'two budgets are called "user-day"; give one of them another "name"',
    ],
    [{ alerts: [0] }, '"alerts.0" must be greater than 0'],
    [{ webhook: 'ftp://example.com' }, '"webhook" must be an http or https URL'],
    [{ webhook: 'https://user:password@example.com' }, '"webhook" must be an http or https URL'],
    [{ webhook: { url: 'https://example.com', secret: 'short' } }, '"webhook.secret" must have at least 24 characters'],
    [{ maxCostPerRequest: 0 }, '"maxCostPerRequest" must be greater than 0'],
    [{ onStoreFailure: 'allow' }, '"onStoreFailure" must be "refuse" or { localCap: 5 }'],
    [{ lease: '10ms' }, '"lease" must be at least "1s"'],
  ])('refuse %j and say why', (settings, why) => {
    const message = refusal(() => resolve(settings));
    expect(message).toMatch(/^budgets: /);
    expect(message).toContain(why);
    expect(message).not.toContain('password');
  });

  it('are refused by the guard itself', () => {
    const store = createMemoryBudgetStore();
    const wrong: unknown = { list: 3 };
    expect(refusal(() => createCostGuard(wrong as BudgetsSettings, { store, targetsOf: () => [] }))).toContain(
      'costGuard(): "list" must be a list of budgets',
    );
  });
});
