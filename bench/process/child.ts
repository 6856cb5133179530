import { type ChildProcess, fork } from 'node:child_process';
import type { CommonProtocol, Message, Protocol } from './messages.ts';

const answerLimitMs = 120_000;
/** One of them fills a database first. */
const startLimitMs = 180_000;
const keptErrorOutput = 2_000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A child process of the bench that answers questions. It dies with the bench. */
export class Child<Questions extends Protocol> {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<number>;
  #nextId = 0;
  #errorOutput = '';

  constructor(name: string, file: URL, environment: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.#process = fork(file, [], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
    });
    running.add(this.#process);
    this.#process.stderr?.on('data', (bytes: Buffer) => {
      this.#errorOutput = (this.#errorOutput + bytes.toString()).slice(-keptErrorOutput);
    });
    this.#ready = this.#awaitReady();
    // A start that fails is reported to whoever awaits it, not as an unhandled rejection.
    this.#ready.catch(() => {});
  }

  /** The port the child listens on; 0 for one that listens on none. */
  ready(): Promise<number> {
    return this.#ready;
  }

  ask<Kind extends keyof (Questions & CommonProtocol) & string>(
    kind: Kind,
    ask: (Questions & CommonProtocol)[Kind]['ask'],
  ): Promise<(Questions & CommonProtocol)[Kind]['answer']> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`${this.name} did not answer "${kind}" within ${answerLimitMs} ms.`));
      }, answerLimitMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#process.send({ id, kind, ask }, (error) => {
        if (error !== null) this.#fail(error);
      });
    });
  }

  async stop(): Promise<void> {
    if (!running.has(this.#process)) return;
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGKILL');
    await gone;
  }

  #awaitReady(): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#error('did not start in time')), startLimitMs);
      this.#process.on('message', (message: Message) => {
        if (message.kind === 'ready') {
          clearTimeout(timer);
          resolve(message.port);
        } else {
          this.#receive(message);
        }
      });
      this.#process.once('exit', (code, signal) => {
        clearTimeout(timer);
        running.delete(this.#process);
        const error = this.#error(`ended (${signal ?? code})`);
        reject(error);
        this.#fail(error);
      });
      this.#process.once('error', reject);
    });
  }

  #receive(message: Exclude<Message, { kind: 'ready' }>): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.kind === 'answer') waiting.resolve(message.answer);
    else waiting.reject(new Error(`${this.name}: ${message.message}`));
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(error);
    }
    this.#waiting.clear();
  }

  #error(what: string): Error {
    return new Error(`${this.name} ${what}. ${this.#errorOutput}`.trim());
  }
}
