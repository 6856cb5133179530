import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);

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
