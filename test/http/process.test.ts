import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);

describe('a process under mixed load', () => {
  it('LC-13: leaves no rejection unhandled, no exception uncaught and no warning, and settles every call it saw', async () => {
    const { stdout, stderr } = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'test/http/programs/mixed-load.ts'],
      { timeout: 60_000 },
    );
    const { sent, settled, complaints } = JSON.parse(stdout);
    expect(complaints).toEqual([]);
    expect(stderr).toBe('');
    expect(sent).toBe(600);
    // A caller that left before its request arrived was never a call.
    expect(settled).toBeLessThanOrEqual(sent);
    expect(settled).toBeGreaterThan(sent * 0.9);
  });
});
