import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders/contender.ts';
import type { Gateway } from './measure.ts';
import { Child } from './process/child.ts';
import type { CommonProtocol } from './process/messages.ts';

/** The running gateway processes: at most one per contender, idle unless it is its turn. */
export class Gateways {
  readonly #providerOrigin: string;
  readonly #running = new Map<string, { readonly gateway: Gateway; readonly folder: string }>();

  constructor(providerOrigin: string) {
    this.#providerOrigin = providerOrigin;
  }

  get(contender: Contender): Gateway {
    const running = this.#running.get(contender.name);
    if (running !== undefined) return running.gateway;
    const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
    const gateway = new Child<CommonProtocol>(contender.name, contender.file, {
      BENCH_PROVIDER: this.#providerOrigin,
      BENCH_FOLDER: folder,
    });
    this.#running.set(contender.name, { gateway, folder });
    return gateway;
  }

  stop(contender: Contender): Promise<void> {
    return this.#stop(contender.name);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#running.delete(name);
    await running.gateway.stop();
    rmSync(running.folder, { recursive: true });
  }
}

/** What has to be done before this contender can start; `undefined` when nothing has. */
export function missingFor(contender: Contender): string | undefined {
  const { needs } = contender;
  return needs === undefined || existsSync(fileURLToPath(needs.file)) ? undefined : needs.remedy;
}
