import { describe } from '@jest/globals';
import { installed } from '../../verify/harness/servers.ts';

export { startPostgres, startRedis, type TestServer } from '../../verify/harness/servers.ts';

/**
 * A suite that needs a server; without the server's program it is reported as not run, and where `CI_SERVERS=1` says that
 * there must be one, it fails.
 */
export function describeWith(server: 'Redis' | 'PostgreSQL', name: string, suite: () => void): void {
  const there = installed[server] || process.env.CI_SERVERS === '1';
  (there ? describe : describe.skip)(there ? name : `${name} (not run: ${server} is not installed)`, suite);
}
