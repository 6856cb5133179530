/** A streak of failures less likely than this is no chance. */
const hardlyByChance = 1e-5;
/** Attempts from which a target's usual error rate is believed. */
const fewestSamples = 20;
/** Attempts after which older ones fade. */
const mostSamples = 400;
/** How many times the least tolerance the worst target is granted. */
const mostTolerance = 4;

/**
 * A target's failures in a row, measured against how often it usually fails. One that serves two calls of three fails
 * five times in a row every few hundred calls, and is worth more in rotation than out: it is granted as many as chance
 * would hardly produce.
 */
export class FailureStreak {
  #length = 0;
  /** Attempts, and the failed ones among them, up to the last success. */
  #samples = 0;
  #failures = 0;

  /** Failures since the last success. */
  get length(): number {
    return this.#length;
  }

  fail(): void {
    this.#length += 1;
  }

  succeed(): void {
    if (this.#samples >= mostSamples) {
      this.#samples /= 2;
      this.#failures /= 2;
    }
    this.#samples += this.#length + 1;
    this.#failures += this.#length;
    this.#length = 0;
  }

  /** Whether this many failures mean that the target is down. @param least tolerance for a target that hardly ever fails */
  isOutage(least: number): boolean {
    return this.#length >= least && this.#length >= this.#tolerance(least);
  }

  #tolerance(least: number): number {
    if (this.#failures === 0 || this.#samples < fewestSamples) return least;
    const usualErrorRate = this.#failures / this.#samples;
    return Math.min(Math.ceil(Math.log(hardlyByChance) / Math.log(usualErrorRate)), least * mostTolerance);
  }
}
