import type { Extensions } from '../canonical.ts';
import type { ModelTraits } from './variant.ts';

/** What the steps of encoding one request share. */
export interface Encoding {
  readonly traits: ModelTraits;
  /** Parameters the target cannot take, by the names OpenAI callers use. */
  readonly dropped: Set<string>;
}

/** Reports what only other dialects know. */
export function dropForeign(extensions: Extensions | undefined, encoding: Encoding): void {
  if (extensions === undefined) return;
  for (const [dialect, fields] of Object.entries(extensions)) {
    if (dialect === 'gemini' || fields === undefined) continue;
    for (const name of Object.keys(fields)) encoding.dropped.add(name);
  }
}
