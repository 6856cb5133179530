/** What the work fails with. @throws when it does not fail */
export async function errorOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (thrown) {
    return thrown;
  }
  throw new Error('It did not fail.');
}
