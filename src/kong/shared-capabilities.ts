import { createHash } from 'node:crypto';
import type { Capability } from '../core/capability.ts';
import { isJsonObject } from '../core/json.ts';

interface Kept {
  readonly fingerprint: string;
  readonly capability: Capability;
}

/** While a change of configuration reaches all workers, some still start instances with the old one. */
const keptConfigurations = 2;
const maxPlugins = 1_000;

/**
 * Capabilities by configured plugin. Kong starts an instance for each of its workers and starts it again as it pleases;
 * all of them must share one state, or a limit of 10 would be 10 for each worker.
 */
export class SharedCapabilities {
  readonly #kept = new Map<string, readonly Kept[]>();

  /**
   * The capability of a configured plugin, made when its configuration is new.
   *
   * @param id what Kong calls the configured plugin, as `__plugin_id`
   */
  get(id: string, config: unknown, create: () => Capability): Capability {
    const fingerprint = fingerprintOf(config);
    const kept = this.#kept.get(id) ?? [];
    const known = kept.find((candidate) => candidate.fingerprint === fingerprint);
    if (known !== undefined) return known.capability;
    const capability = create();
    this.#kept.delete(id);
    this.#kept.set(id, [...kept, { fingerprint, capability }].slice(-keptConfigurations));
    if (this.#kept.size > maxPlugins) this.#forgetOldest();
    return capability;
  }

  #forgetOldest(): void {
    for (const id of this.#kept.keys()) {
      this.#kept.delete(id);
      return;
    }
  }
}

/** Configurations hold secrets, so they are compared by digest. Lua gives the members of a table in any order. */
function fingerprintOf(config: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(config)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
