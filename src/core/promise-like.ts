/** True for what has to be awaited. Told by its `then`: promises of other libraries and realms fail `instanceof Promise`. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
