import type { LoadResult } from './protocol.ts';

/** Counts how the calls of one job ended. */
export class Tally {
  completed = 0;
  failed = 0;
  #firstFault: string | undefined;
  readonly #startedAt = performance.now();

  count(fault: string | undefined): void {
    if (fault === undefined) {
      this.completed += 1;
    } else {
      this.failed += 1;
      this.#firstFault ??= fault;
    }
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  result(): LoadResult {
    return {
      completed: this.completed,
      failed: this.failed,
      elapsedMs: this.elapsedMs,
      ...(this.#firstFault !== undefined && { firstFault: this.#firstFault }),
    };
  }
}
