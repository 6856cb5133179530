import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders/contender.ts';
import type { Gateway } from './measure.ts';
import { Child } from './process/child.ts';
import type { CommonProtocol } from './process/messages.ts';

/** The running gateway processes: at most one per contender, idle unless it is its turn. */
export class Gateways {
  readonly #providerOrigin: string;
  readonly #running = new Map<string, Gateway>();

  constructor(providerOrigin: string) {
    this.#providerOrigin = providerOrigin;
  }

  get(contender: Contender): Gateway {
    const running = this.#running.get(contender.name);
    if (running !== undefined) return running;
    const started = new Child<CommonProtocol>(contender.name, contender.file, {
      BENCH_PROVIDER: this.#providerOrigin,
    });
    this.#running.set(contender.name, started);
    return started;
  }

  async stop(contender: Contender): Promise<void> {
    await this.#running.get(contender.name)?.stop();
    this.#running.delete(contender.name);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.values()].map((gateway) => gateway.stop()));
    this.#running.clear();
  }
}

/** What has to be done before this contender can start; `undefined` when nothing has. */
export function missingFor(contender: Contender): string | undefined {
  const { needs } = contender;
  return needs === undefined || existsSync(fileURLToPath(needs.file)) ? undefined : needs.remedy;
}
