import type { FaultName } from './fault-table.ts';
import { type FaultSet, parseFaults } from './parse-faults.ts';

const failures: readonly FaultName[] = ['e429', 'e500', 'e503', 'rst_before_headers', 'nohdr'];

/** The faults of this one call, with `flaky` decided: a failure in place of everything else, or no failure. */
export function drawFlaky(faults: FaultSet, random: () => number): FaultSet {
  const percent = faults.amount('flaky');
  if (percent === undefined) return faults;
  const drawn = random() * 100;
  if (drawn >= percent) return faults;
  const failure = failures[Math.floor((drawn / percent) * failures.length)] ?? 'e500';
  return parseFaults(failure);
}
