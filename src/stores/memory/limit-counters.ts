import type { CounterState, Draw, Settling, WindowShape } from '../../rate-limit/limit-store.ts';
import {
  type BucketShape,
  type BucketState,
  levelAt,
  tokensIn,
  untilFull,
  waitFor,
} from '../../rate-limit/token-bucket.ts';

interface Bucket extends BucketState {
  readonly kind: 'token-bucket';
  /** Milliseconds from which on it is full: as good as forgotten. */
  fullAt: number;
}

interface Window {
  readonly kind: 'fixed-window';
  used: number;
  endsAt: number;
}

interface Slots {
  readonly kind: 'concurrent';
  /** Who holds one, and until when. */
  readonly held: Map<string, number>;
}

/** What is kept of one key. */
export type Counter = Bucket | Window | Slots;

/** A step of the store's clock, which knows whole milliseconds. */
export interface Moment {
  readonly now: number;
  readonly id: string;
  readonly leaseMs: number;
}

/** Nobody can foresee when a call ends. */
const slotWaitMs = 1_000;

/** Whether forgetting the counter would change nothing. */
export function isIdle(counter: Counter, now: number): boolean {
  switch (counter.kind) {
    case 'token-bucket':
      return counter.fullAt <= now;
    case 'fixed-window':
      return counter.endsAt <= now;
    case 'concurrent':
      dropExpired(counter, now);
      return counter.held.size === 0;
  }
}

/** How the draw would stand, without making it. */
export function look(draw: Draw, counter: Counter | undefined, { now }: Moment): Omit<CounterState, 'key'> {
  const { shape, amount } = draw;
  switch (shape.kind) {
    case 'token-bucket': {
      const level = levelAt(shape, bucketOf(counter), now);
      const waitMs = waitFor(shape, level, amount);
      return { remaining: tokensIn(shape, level), waitMs, resetMs: untilFull(shape, level), windowEnd: 0 };
    }
    case 'fixed-window': {
      const { used, endsAt } = windowAt(shape, counter, now);
      const waitMs = used + amount > shape.limit ? endsAt - now : 0;
      return { remaining: Math.max(0, shape.limit - used), waitMs, resetMs: endsAt - now, windowEnd: endsAt };
    }
    case 'concurrent': {
      const used = slotsAt(counter, now);
      const waitMs = used + amount > shape.limit ? slotWaitMs : 0;
      return { remaining: Math.max(0, shape.limit - used), waitMs, resetMs: 0, windowEnd: 0 };
    }
  }
}

/** The counter after the draw. */
export function drawn(draw: Draw, counter: Counter | undefined, moment: Moment): Counter {
  const { shape, amount } = draw;
  switch (shape.kind) {
    case 'token-bucket':
      return changedBucket(shape, counter, { now: moment.now, by: -amount * shape.unit });
    case 'fixed-window': {
      const window = windowAt(shape, counter, moment.now);
      window.used += amount;
      return window;
    }
    case 'concurrent':
      return withSlot(counter, moment);
  }
}

/** The counter after what became of a draw is known; `undefined` when there is nothing to note. */
export function settled(settling: Settling, counter: Counter | undefined, { now, id }: Moment): Counter | undefined {
  const { shape, unused, windowEnd } = settling;
  switch (shape.kind) {
    case 'token-bucket':
      return changedBucket(shape, counter, { now, by: unused * shape.unit });
    case 'fixed-window': {
      const window = windowAt(shape, counter, now);
      // Another window has given nothing, so it takes nothing back; what was used beyond is used now.
      if (unused > 0 && window.endsAt !== windowEnd) return counter;
      window.used = Math.max(0, window.used - unused);
      return window;
    }
    case 'concurrent':
      if (counter?.kind === 'concurrent') counter.held.delete(id);
      return counter;
  }
}

/** The counter with a slot of this call. */
export function withSlot(counter: Counter | undefined, { id, now, leaseMs }: Moment): Counter {
  const slots: Slots = counter?.kind === 'concurrent' ? counter : { kind: 'concurrent', held: new Map() };
  slots.held.delete(id);
  slots.held.set(id, now + leaseMs);
  return slots;
}

function changedBucket(
  shape: BucketShape,
  counter: Counter | undefined,
  { now, by }: { readonly now: number; readonly by: number },
): Bucket {
  const bucket = bucketOf(counter) ?? { kind: 'token-bucket', level: shape.capacity, at: now, fullAt: now };
  bucket.level = Math.min(shape.capacity, levelAt(shape, bucket, now) + by);
  bucket.at = now;
  bucket.fullAt = now + untilFull(shape, bucket.level);
  return bucket;
}

function bucketOf(counter: Counter | undefined): Bucket | undefined {
  return counter?.kind === 'token-bucket' ? counter : undefined;
}

/** The window that is open, or a new one. */
function windowAt(shape: WindowShape, counter: Counter | undefined, now: number): Window {
  if (counter?.kind === 'fixed-window' && counter.endsAt > now) return counter;
  return { kind: 'fixed-window', used: 0, endsAt: now + shape.windowMs };
}

function slotsAt(counter: Counter | undefined, now: number): number {
  if (counter?.kind !== 'concurrent') return 0;
  dropExpired(counter, now);
  return counter.held.size;
}

/** Leases are renewed by entering them again, so that the oldest stand in front. */
function dropExpired({ held }: Slots, now: number): void {
  for (const [id, until] of held) {
    if (until > now) return;
    held.delete(id);
  }
}
