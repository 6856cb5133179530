import { compileNamePattern } from '../core/name-pattern.ts';

/** The entry whose name fits a model: the name itself, else of several patterns with `*` the one that says more. */
export function entryFor<Entry>(table: Readonly<Record<string, Entry>>, model: string): Entry | undefined {
  if (Object.hasOwn(table, model)) return table[model];
  let best: string | undefined;
  for (const pattern of Object.keys(table)) {
    if (!pattern.includes('*') || !compileNamePattern(pattern)(model)) continue;
    if (best === undefined || said(pattern) > said(best)) best = pattern;
  }
  return best === undefined ? undefined : table[best];
}

function said(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}
