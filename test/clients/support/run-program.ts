import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program of `test/clients/programs` to its end; each line it prints is JSON. @throws when it fails */
export async function runProgram(name: string, ...args: readonly string[]): Promise<readonly unknown[]> {
  const program = resolve('test/clients/programs', name);
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    timeout: 12_000,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}
