import type { FakeProvider } from '../../../src/testing/index.ts';

/** Why the provider refused requests, once it is idle; it then forgets all calls. */
export async function takeRefusals(wall: FakeProvider): Promise<readonly string[]> {
  await wall.whenIdle();
  const refusals = wall.calls.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal.message]));
  wall.reset();
  return refusals;
}
