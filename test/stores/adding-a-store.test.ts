import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createGateway, type GatewayConfig } from '../../src/index.ts';
import { refusal } from '../gateway/support/gateway-app.ts';

const page = readFileSync('docs/adding-a-store.md', 'utf8');
const row = /^\| `(\w+)` \| `([\w-]+)` \| ([^|]+) \| ([^|]+) \| `(\w+)` in `([\w./-]+)` \|$/gm;
const ports = [...page.matchAll(row)].map(([, port = '', subpath = '', methods = '', , suite = '', file = '']) => ({
  port,
  subpath,
  methods: [...methods.matchAll(/`(\w+)`/g)].map(([, method]) => method),
  suite,
  file,
}));

/** What a gateway says that is given nothing in place of a store. */
const refusals: Readonly<Record<string, object>> = {
  LimitStore: { rateLimit: { store: {} } },
  BudgetStore: { budgets: { store: {} } },
  LedgerStore: { storage: { store: {} } },
  KeyStore: { auth: { keyStore: {} } },
};

describe('docs/adding-a-store.md', () => {
  it('lists every port', () => {
    expect(ports.map(({ port }) => port)).toEqual(Object.keys(refusals));
  });

  it.each(ports)('names the methods of $port as a gateway asks for them', ({ port, methods }) => {
    const config = { providers: { openai: { apiKey: 'provider-0123456789' } }, ...refusals[port] } as GatewayConfig;
    const message = refusal(() => createGateway(config, { environment: {}, logger: { log: () => {} } }));
    expect(message).toMatch(new RegExp(`have the methods ${methods.join(', ')}$`));
  });

  it.each(ports)('names where the type $port is exported, and its suite', ({ port, subpath, suite, file }) => {
    expect(readFileSync(`src/express/${subpath}.ts`, 'utf8')).toMatch(new RegExp(`\\b${port}\\b`));
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(`export function ${suite}(`);
  });
});
