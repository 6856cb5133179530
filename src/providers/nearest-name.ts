/**
 * The candidate somebody most likely meant, or `undefined` when none is close: at most a third of the written letters
 * differ. Upper and lower case count as the same.
 */
export function nearestName(written: string, candidates: Iterable<string>): string | undefined {
  const allowance = Math.max(1, Math.floor(written.length / 3));
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  for (const name of candidates) {
    if (Math.abs(name.length - written.length) > allowance) continue;
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance <= allowance && distance < (nearest?.distance ?? Number.POSITIVE_INFINITY))
      nearest = { name, distance };
  }
  return nearest?.name;
}

/** ` (did you mean "..."?)` for the end of a message, or nothing. */
export function didYouMean(written: string, candidates: Iterable<string>): string {
  const nearest = nearestName(written, candidates);
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
