import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';

const program = resolve('test/rate-limit/programs/worker.ts');
const calls = 10_000;

describeWith('Redis', 'limits over four processes', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });

  /** What four processes let pass of 10,000 calls together, by limit; each with its clocks off by so much. */
  async function admitted(limits: Readonly<Record<string, object>>, skews: readonly number[]) {
    const workers = skews.map(async (skew): Promise<Record<string, number>> => {
      const values = [server.url, JSON.stringify(limits), String(calls / skews.length), String(skew)];
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--disable-warning=ExperimentalWarning',
        program,
        ...values,
      ]);
      return JSON.parse(stdout);
    });
    const counts = await Promise.all(workers);
    return Object.fromEntries(
      Object.keys(limits).map((name) => [name, counts.reduce((sum, count) => sum + (count[name] ?? 0), 0)]),
    );
  }

  const fixed = { requests: 500, window: '5m', algorithm: 'fixed-window' };
  const bucket = { requests: 500, window: '366d' };

  it('RL-02 let exactly the limit pass of 10,000 calls', async () => {
    const limits = { fixed, bucket, concurrent: { concurrent: 500 } };
    expect(await admitted(limits, [0, 0, 0, 0])).toEqual({ fixed: 500, bucket: 500, concurrent: 500 });
  });

  it('RL-13 let the same pass when their clocks differ by 90 s', async () => {
    const skews = [90_000, -90_000, 90_000, -90_000];
    const limits = { 'skewed-fixed': fixed, 'skewed-bucket': bucket };
    expect(await admitted(limits, skews)).toEqual({ 'skewed-fixed': 500, 'skewed-bucket': 500 });
  });
});
