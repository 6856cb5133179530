import { writeFile } from 'node:fs/promises';
import { contenders, limit } from './contenders/index.ts';
import { missingFor } from './gateways.ts';
import { operations, timeOf } from './micro.ts';
import { type Options, parseOptions, usage } from './options.ts';
import {
  type OperationTime,
  printMachine,
  printOperations,
  printScenario,
  type Run,
  summarize,
  toJson,
} from './report.ts';
import { scenarios } from './scenarios.ts';
import { type ProviderHeadroom, type ScenarioResult, Session } from './session.ts';

const asked = parseOptions(process.argv.slice(2));
if (asked === 'help') console.log(usage);
else process.exitCode = await bench(asked);

/** @returns the exit code: 1 when a contender answered wrongly or a name in `--only` means nothing */
async function bench(options: Options): Promise<number> {
  const { mode, only, json } = options;
  const served = [...scenarios, ...contenders].map((item) => item.name);
  const names = [...served, ...operations.map((item) => item.name)];
  const unknown = only.filter((wanted) => !names.some((name) => name.startsWith(wanted)));
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}. Known: ${names.join(', ')}.`);
    return 1;
  }
  // First, while no other process of the bench takes processor time.
  const timed = timeOperations(options);
  const serving = only.length === 0 || only.some((wanted) => served.some((name) => name.startsWith(wanted)));
  const { headroom, results } = serving ? await serve(options) : { headroom: undefined, results: [] };
  const run: Run = { mode, headroom, results: results.map(summarize), operations: timed };
  if (json !== '-') {
    printMachine(run);
    run.results.forEach(printScenario);
    printOperations(run.operations);
  }
  if (json === '-') process.stdout.write(toJson(run));
  else if (json !== undefined) await writeFile(json, toJson(run));
  return results.some((result) => result.faults.length > 0) ? 1 : 0;
}

function timeOperations({ mode, only }: Options): readonly OperationTime[] {
  const usual = only.length > 0 ? [] : mode === 'full' ? operations : operations.filter(({ quick }) => quick);
  return chosen(operations, only, usual).map((operation) => {
    process.stderr.write(`${operation.name}\n`);
    return { name: operation.name, title: operation.title, microseconds: timeOf(operation) };
  });
}

interface Served {
  readonly headroom: ProviderHeadroom;
  readonly results: readonly ScenarioResult[];
}

/** Contenders in scenarios. */
async function serve({ mode, plan, only, profile }: Options): Promise<Served> {
  const chosenScenarios = chosen(scenarios, only, mode === 'full' ? scenarios : scenarios.filter(({ quick }) => quick));
  const wantedContenders = chosen(contenders, only, contenders);
  const absent = wantedContenders.filter((contender) => missingFor(contender) !== undefined);
  for (const contender of absent) console.error(`Without ${contender.name}: first run \`${missingFor(contender)}\`.`);
  const present = wantedContenders.filter((contender) => !absent.includes(contender));
  const session = await Session.start(plan, profile);
  try {
    const headroom = await session.measureProvider();
    const results = await session.run(chosenScenarios, present.includes(limit) ? present : [limit, ...present]);
    return { headroom, results };
  } finally {
    await session.stop();
  }
}

/** Those that `--only` names; the usual ones, when it names none of this kind. */
function chosen<Item extends { readonly name: string }>(
  all: readonly Item[],
  only: readonly string[],
  usual: readonly Item[],
): readonly Item[] {
  const named = all.filter(({ name }) => only.some((wanted) => name.startsWith(wanted)));
  return named.length > 0 ? named : usual;
}
