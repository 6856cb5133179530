import type { Capability } from './capability.ts';
import { isPromiseLike } from './promise-like.ts';

/**
 * Calls an observing hook of a capability. Whatever it throws, at once or later, goes to the capability's log and
 * changes nothing else.
 */
export function notify(capability: Capability, hook: () => unknown): void {
  try {
    const result = hook();
    if (isPromiseLike(result)) result.then(undefined, (thrown: unknown) => reportFault(capability, thrown));
  } catch (thrown) {
    reportFault(capability, thrown);
  }
}

/** Hands what a hook threw to its capability's log. A log that throws as well is not listened to. */
export function reportFault(capability: Capability, thrown: unknown): void {
  try {
    capability.onFault?.(thrown);
  } catch {
    // Nobody is left to tell.
  }
}
