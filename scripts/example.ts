// npm run example -- NAME: builds the package if need be and runs examples/NAME.ts against it.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const names = readdirSync('examples')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const [name = ''] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`Name one of: ${names.join(', ')}\n`);
  process.exit(2);
}
if (!existsSync('dist')) execFileSync(process.execPath, ['scripts/build.ts'], { stdio: 'inherit' });
await import(`../examples/${name}.ts`);
