import { expect, it } from '@jest/globals';
import { soak } from '../../verify/checks/soak.ts';
import { expectAll } from './support.ts';

/** These need a long run, and a machine with nothing else to do: `npm run verify -- soak`. */
const longRuns = /RSS growth|heap after a collection|served of those who stayed/;

it('LC-11: mixed traffic leaves no handle, timer or connection, and a record of every call', async () => {
  const measures = await soak({ requests: 400, seed: 11 });
  const short = measures.filter(({ name }) => !longRuns.test(name));
  expect(short.length).toBe(measures.length - 3);
  expectAll(short);
}, 120_000);
