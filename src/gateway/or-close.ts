/** What `make` makes. Where it throws, closes what was opened for it: nobody else knows of that. */
export function orClose<Made>(close: () => Promise<unknown>, make: () => Made): Made {
  try {
    return make();
  } catch (thrown) {
    // Why it cannot be made is what the operator has to hear.
    close().catch(() => {});
    throw thrown;
  }
}
