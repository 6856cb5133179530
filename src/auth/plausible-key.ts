/** Longest credential that is looked at; whatever is longer is no key of ours. */
export const maxKeyLength = 512;

const visibleAscii = /^[\x21-\x7e]+$/;

/** Whether a credential can be a key at all. Everything else is refused before it costs a hash. */
export function isPlausibleKey(key: string): boolean {
  return key.length <= maxKeyLength && visibleAscii.test(key);
}
