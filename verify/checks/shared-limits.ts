import type { LimitOptions } from '../../src/rate-limit/index.ts';
import { admittedByAll } from '../harness/limit-workers.ts';
import { exactly, type Measure, named } from '../harness/measure.ts';
import { startRedis } from '../harness/servers.ts';

export interface SharedLimitsPlan {
  /** Of all four processes together. */
  readonly calls: number;
}

const limit = 500;
const limits = [
  { name: 'fixed-window', requests: limit, window: '1h', algorithm: 'fixed-window' },
  { name: 'token-bucket', requests: limit, window: '366d' },
  { name: 'at-the-same-time', concurrent: limit },
] as const satisfies readonly LimitOptions[];

/** Clocks of the four processes, in milliseconds from the right time. */
const clocks = { 'equal clocks': [0, 0, 0, 0], 'clocks 90 s off': [90_000, -90_000, 90_000, -90_000] } as const;

/** Four processes share limits in Redis: exactly as many calls pass as a limit allows, whatever their clocks say. */
export async function sharedLimits({ calls }: SharedLimitsPlan): Promise<readonly Measure[]> {
  const server = await startRedis();
  const measures: Measure[] = [];
  for (const [time, skews] of Object.entries(clocks)) {
    const prefix = time.replaceAll(' ', '-');
    const admitted = await admittedByAll(
      skews.map((skewMs) => ({ url: server.url, prefix, limits, calls: calls / 4, skewMs })),
    );
    for (const [place, { name }] of limits.entries()) {
      measures.push(exactly({ name: `${name}, ${time}`, value: admitted[place] ?? Number.NaN, bound: limit }));
    }
  }
  await server.stop();
  return named(`admitted of ${calls} calls in four processes`, measures);
}
