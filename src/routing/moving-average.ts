/** Weight of the newest sample, once there are enough of them. */
const smoothing = 0.1;

/** An exponentially weighted moving average that begins as the plain average of its first samples. */
export class MovingAverage {
  #value: number | undefined;
  #samples = 0;

  /** `undefined` before the first sample. */
  get value(): number | undefined {
    return this.#value;
  }

  add(sample: number): void {
    this.#samples += 1;
    const old = this.#value ?? 0;
    this.#value = old + (sample - old) * Math.max(smoothing, 1 / this.#samples);
  }
}
