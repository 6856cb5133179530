/** The entry whose name fits a model: the name itself, else of several patterns with `*` the one that says more. */
export function entryFor<Entry>(table: Readonly<Record<string, Entry>>, model: string): Entry | undefined {
  if (Object.hasOwn(table, model)) return table[model];
  let best: string | undefined;
  for (const pattern of Object.keys(table)) {
    if (!pattern.includes('*') || !fits(pattern, model)) continue;
    if (best === undefined || said(pattern) > said(best)) best = pattern;
  }
  return best === undefined ? undefined : table[best];
}

function said(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}

/** No regular expression: model names come from callers, and this is linear in their length. */
function fits(pattern: string, text: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop() ?? '';
  if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;
  const limit = text.length - end.length;
  let position = start.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found === -1 || found + part.length > limit) return false;
    position = found + part.length;
  }
  return true;
}
