import { parseArgs } from 'node:util';
import { type Check, type CheckOptions, checks } from './catalogue.ts';

const usage = `Proves the numbers this package stands for. Prints a line for each, and fails when one is missed.

  npm run verify -- [name ...] [--requests N] [--seed N]

  --requests N  in place of each check's own number
  --seed N      everything random follows from it (default 1)
  --help        this text

Checks, in order:
${checks.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join('\n')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { type: 'string' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = values.help ? help() : await verify();

function help(): number {
  process.stdout.write(usage);
  return 0;
}

/** @returns the exit code: 1 when a number is missed, 2 when a name or a number means nothing */
async function verify(): Promise<number> {
  const unknown = positionals.filter((name) => !checks.some((check) => check.name === name));
  const requests = values.requests === undefined ? undefined : Number(values.requests);
  const seed = Number(values.seed);
  const isCount = requests === undefined || (Number.isSafeInteger(requests) && requests > 0);
  if (unknown.length > 0 || !isCount || !Number.isSafeInteger(seed)) {
    process.stderr.write(unknown.length > 0 ? `Unknown: ${unknown.join(', ')}.\n\n${usage}` : usage);
    return 2;
  }
  const options = { requests, seed, onProgress: (line: string) => void process.stderr.write(`  ${line}\n`) };
  let missed = 0;
  for (const check of checks) {
    if (positionals.length === 0 || positionals.includes(check.name)) missed += await prove(check, options);
  }
  process.stdout.write(missed === 0 ? '\nEvery number holds.\n' : `\n${missed} missed.\n`);
  return missed === 0 ? 0 : 1;
}

/** @returns how many numbers were missed */
async function prove(check: Check, options: CheckOptions): Promise<number> {
  const startedAt = performance.now();
  let missed = 0;
  process.stdout.write(`\n${check.name}: ${check.about}\n`);
  for await (const measures of check.run(options)) {
    for (const { name, measured, required, pass } of measures) {
      process.stdout.write(`${name}: ${measured} (${required}) ${pass ? 'PASS' : 'FAIL'}\n`);
      if (!pass) missed += 1;
    }
  }
  process.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  return missed;
}
