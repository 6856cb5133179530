import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { orClose } from '../../src/gateway/or-close.ts';

const run = promisify(execFile);

it('closes what it has opened when it cannot be made, so that the process can end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'refused-'));
  const providers = { openai: { apiKey: 'provider-0123456789' } };
  // Nobody listens there: a connection that is not closed is tried again for ever.
  const redis = { url: 'redis://127.0.0.1:1' };
  const storage = { url: `sqlite:${join(folder, 'gateway.db')}` };
  const configs = [
    { providers, redis, budgets: { list: 5 } },
    { providers, redis, rateLimit: { limits: 5 } },
    { providers, redis, storage, passThrough: { anonymous: 'allow', only: [] } },
    { providers, storage, budgets: { store: 'storage', list: 5 } },
    { providers, storage, admin: { keySecret: 'a secret of at least thirty-two characters' }, keys: [{ key: 'x' }] },
  ];
  try {
    const { stdout } = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'test/gateway/programs/refused.ts', JSON.stringify(configs)],
      { timeout: 30_000 },
    );
    expect(JSON.parse(stdout)).toEqual([
      expect.stringContaining('budgets: "list"'),
      expect.stringContaining('"limits"'),
      expect.stringContaining('"only"'),
      expect.stringContaining('budgets: "list"'),
      expect.stringContaining('"keys.0"'),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 40_000);

it('says why it cannot be made, whatever becomes of what it closes', async () => {
  const closed: true[] = [];
  const close = async () => {
    closed.push(true);
    throw new Error('cannot be closed');
  };
  const make = () => {
    throw new Error('cannot be made');
  };
  expect(() => orClose(close, make)).toThrow('cannot be made');
  expect(orClose(close, () => 'made')).toBe('made');
  expect(closed).toEqual([true]);
});

it('LC-13: two gateways under mixed load leave nothing unhandled and nothing open, one closed in the middle', async () => {
  // It ends by itself, or it is killed and this fails.
  const { stdout, stderr } = await run(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'test/gateway/programs/mixed-load.ts'],
    { timeout: 30_000 },
  );
  const { complaints, outcomes, lines, openSockets } = JSON.parse(stdout);
  expect(complaints).toEqual([]);
  expect(stderr).toBe('');
  expect(openSockets).toBe(0);
  expect(outcomes.answered + outcomes.failed).toBe(390);
  expect(outcomes.answered).toBeGreaterThan(80);
  expect(lines.first).toBeGreaterThan(200);
  expect(lines.second).toBeGreaterThan(100);
});
