import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faultNames } from '../../src/testing/faults/fault-table.ts';
import { type FakeProvider, type FaultName, startFakeProvider } from '../../src/testing/index.ts';
import { ask, dialects } from './support/ask.ts';
import { expectations } from './support/expectations.ts';

let wall: FakeProvider;

beforeAll(async () => {
  wall = await startFakeProvider();
});

afterAll(async () => {
  await wall.close();
});

describe.each(faultNames)('the fault %s', (name: FaultName) => {
  const { expression = name, ask: extra, stream, whole = stream } = expectations[name];

  it.each(dialects)('does to a stream of %s what the table says', async (dialect) => {
    stream(await ask(wall, { dialect, model: `demo+${expression}`, stream: true, ...extra }));
    await wall.whenIdle();
    expect(wall.calls.at(-1)?.faults).toHaveLength(expression.split('+').length);
  });

  it.each(dialects)('does to a whole answer of %s what the table says', async (dialect) => {
    whole(await ask(wall, { dialect, model: `demo+${expression}`, ...extra }));
    await wall.whenIdle();
  });
});
