import type { JsonValue } from '../core/json.ts';

/** Whether arrays and objects nest more than `limit` deep. Without recursion: the value may be deeper than the stack. */
export function isDeeperThan(value: JsonValue, limit: number): boolean {
  let level: (JsonValue | undefined)[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= limit) return true;
    const next: (JsonValue | undefined)[] = [];
    for (const entry of level) {
      if (typeof entry !== 'object' || entry === null) continue;
      // One by one: a spread would put all of them on the stack.
      for (const inner of Object.values(entry)) if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
  return false;
}
