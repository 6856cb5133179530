import type { Runtime } from '../core/runtime.ts';
import { RecentMap } from './recent-map.ts';

export interface FailureLimits {
  /** Wrong keys from one peer within the window, after which it is blocked. */
  readonly failures: number;
  /** Milliseconds. */
  readonly windowMs: number;
  /** Milliseconds. */
  readonly blockMs: number;
}

/** Counts the wrong keys each peer has sent. */
export interface FailureGuard {
  /** Milliseconds for which no unknown key of this peer is looked at; 0 when it is not blocked. */
  blockedFor(peer: string): number;
  /** The peer has sent a wrong key. */
  failed(peer: string): void;
}

/** Whoever has more addresses than this can send more wrong keys: each costs no more than it did. */
const mostPeers = 10_000;

interface PeerRecord {
  windowEnd: number;
  failures: number;
  blockedUntil: number;
}

/** Counts in this process, in bounded memory. */
export function failureGuard(limits: FailureLimits, runtime: Pick<Runtime, 'now'>): FailureGuard {
  const peers = new RecentMap<string, PeerRecord>(mostPeers);
  return {
    blockedFor(peer) {
      const record = peers.get(networkOf(peer));
      return record === undefined ? 0 : Math.max(0, record.blockedUntil - runtime.now());
    },
    failed(peer) {
      const network = networkOf(peer);
      const now = runtime.now();
      const known = peers.get(network);
      const record =
        known === undefined || known.windowEnd <= now
          ? { windowEnd: now + limits.windowMs, failures: 0, blockedUntil: known?.blockedUntil ?? 0 }
          : known;
      record.failures += 1;
      if (record.failures >= limits.failures) record.blockedUntil = now + limits.blockMs;
      if (record !== known) peers.set(network, record);
    },
  };
}

/**
 * The network behind an address: one subscriber has all of an IPv6 /64 to choose from.
 * https://www.rfc-editor.org/rfc/rfc6177
 */
function networkOf(peer: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(peer)?.[1];
  if (mapped !== undefined) return mapped;
  if (!peer.includes(':')) return peer;
  const [head = '', tail] = peer.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail?.split(':') ?? [])]
    .slice(0, 4)
    .join(':');
}
