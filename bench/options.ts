import { parseArgs } from 'node:util';

/** How long and how often things are measured. Times in milliseconds. */
export interface Plan {
  readonly rounds: number;
  /** Whether every round starts new processes: evens out what a process happens to optimise. */
  readonly restart: boolean;
  /** Warm-up of a contender that has not done the scenario yet, and of one that has. */
  readonly warmUpMs: { readonly first: number; readonly again: number };
  readonly requestsMs: number;
  /** The same for streams, in fast streams per reader. */
  readonly warmUpStreams: { readonly first: number; readonly again: number };
  /** Streams each of the concurrent readers reads. */
  readonly streamsEach: number;
  readonly rateMs: number;
}

const plans = {
  quick: {
    rounds: 2,
    restart: false,
    warmUpMs: { first: 1_500, again: 300 },
    requestsMs: 600,
    warmUpStreams: { first: 3, again: 1 },
    streamsEach: 1,
    rateMs: 1_000,
  },
  full: {
    rounds: 5,
    restart: true,
    warmUpMs: { first: 10_000, again: 10_000 },
    requestsMs: 3_000,
    warmUpStreams: { first: 6, again: 6 },
    streamsEach: 2,
    rateMs: 4_000,
  },
} as const satisfies Record<string, Plan>;

export interface Options {
  readonly mode: keyof typeof plans;
  readonly plan: Plan;
  /** Names (or beginnings of names) of scenarios and contenders; empty for all. */
  readonly only: readonly string[];
  /** File for the results as JSON; `-` for the standard output. */
  readonly json?: string;
  /** Folder for a profile of each contender in each scenario. Profiling costs time: the figures are not to be used. */
  readonly profile?: string;
}

export const usage = `npm run bench -- [--quick | --full] [--rounds <n>] [--only <scenario or contender>,...] [--json <file | ->] [--profile <folder>]`;

/** @throws TypeError for an option that is not known */
export function parseOptions(argv: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const mode = values.full === true ? 'full' : 'quick';
  const rounds = values.rounds === undefined ? plans[mode].rounds : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError('--rounds takes a whole number of 1 or more.');
  return {
    mode,
    plan: { ...plans[mode], rounds },
    only: (values.only ?? '').split(',').filter((name) => name !== ''),
    ...(values.json !== undefined && { json: values.json }),
    ...(values.profile !== undefined && { profile: values.profile }),
  };
}
