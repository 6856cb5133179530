import { pause } from './gateway.ts';

/** So many at a time, the next when one has ended: `requests` of them, or as long as `goesOn` says. */
export async function closedLoop(
  {
    requests = Number.POSITIVE_INFINITY,
    goesOn = () => true,
    concurrency,
  }: { readonly requests?: number; readonly goesOn?: () => boolean; readonly concurrency: number },
  one: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests && goesOn()) {
      const index = next;
      next += 1;
      await one(index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** So many per second, however long each takes: `requests` of them, or as long as `goesOn` says. */
export async function openLoop(
  {
    requests = Number.POSITIVE_INFINITY,
    goesOn = () => true,
    perSecond,
  }: { readonly requests?: number; readonly goesOn?: () => boolean; readonly perSecond: number },
  one: (index: number) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  while (running.length < requests && goesOn()) {
    const due = Math.min(requests, Math.floor(((performance.now() - startedAt) / 1000) * perSecond) + 1);
    while (running.length < due) running.push(one(running.length));
    await pause(Math.max(1, 500 / perSecond));
  }
  await Promise.all(running);
}
