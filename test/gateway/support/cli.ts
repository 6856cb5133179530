import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface CliRun {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>;
  /** The address it listens on. @throws when it ends instead */
  readonly url: Promise<string>;
}

/** Starts the program with these variables and no others. */
export function startCli(args: readonly string[], environment: Readonly<Record<string, string>> = {}): CliRun {
  const program = resolve('src/cli/main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    // Several starts share what Node makes of the sources.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'ai-gateway-test-cache'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const exit = new Promise<number | string>((done) => {
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'));
  });
  const url = new Promise<string>((listening, failed) => {
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      const found = /listens on (\S+)\n/.exec(stderr)?.[1];
      if (found !== undefined) listening(found);
    });
    void exit.then((code) => failed(new Error(`ended with ${code}: ${stderr}`)));
  });
  // Not every test waits for it.
  url.catch(() => {});
  return { child, exit, url, stdout: () => stdout, stderr: () => stderr };
}
