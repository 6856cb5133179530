import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process wrote a journal. A pid alone comes again: in a container every process is number 1. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in a form of its own: ticks since boot on Linux, else seconds since 1970. */
  readonly started: string;
}

export function ownIdentity(): ProcessIdentity {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid) ?? ownStart() };
}

/** `unknown` for a process on another host. */
export function standing(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.host !== hostname()) return 'unknown';
  if (!exists(identity.pid)) return 'dead';
  const started = startOf(identity.pid) ?? (identity.pid === process.pid ? ownStart() : identity.started);
  return sameStart(started, identity.started) ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // It is there and belongs to somebody else.
    return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'EPERM';
  }
}

/** Field 22 of https://www.man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the second may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function ownStart(): string {
  return `s${Math.round(performance.timeOrigin / 1000)}`;
}

/** Seconds may be rounded either way. */
function sameStart(a: string, b: string): boolean {
  if (a === b) return true;
  return a.startsWith('s') && b.startsWith('s') && Math.abs(Number(a.slice(1)) - Number(b.slice(1))) <= 1;
}
