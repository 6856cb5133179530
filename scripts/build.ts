// Compiles src to dist and makes the command line programs executable. Paths are relative to the package.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
for (const program of ['dist/cli/main.js', 'dist/kong/main.js']) {
  if (existsSync(program)) chmodSync(program, 0o755);
}
