/**
 * Milliseconds that only what hangs, or grows with the square of its input, can take: no machine is so busy. How fast
 * something is, the bench and the longer checks say.
 */
export const ample = 20_000;
