import { writeFile } from 'node:fs/promises';
import { contenders, limit } from './contenders/index.ts';
import { missingFor } from './gateways.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { printProviderHeadroom, printScenario, summarize, toJson } from './report.ts';
import { scenarios } from './scenarios.ts';
import { Session } from './session.ts';

const options = parseOptions(process.argv.slice(2));
if (options === 'help') console.log(usage);
else process.exitCode = await bench(options);

/** @returns the exit code: 1 when a contender answered wrongly or a name in `--only` means nothing */
async function bench({ mode, plan, only, json, profile }: Options): Promise<number> {
  const names = [...scenarios, ...contenders].map((item) => item.name);
  const unknown = only.filter((wanted) => !names.some((name) => name.startsWith(wanted)));
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}. Known: ${names.join(', ')}.`);
    return 1;
  }
  const chosenScenarios = chosen(scenarios, only, mode === 'full' ? scenarios : scenarios.filter(({ quick }) => quick));
  const wantedContenders = chosen(contenders, only, contenders);
  const absent = wantedContenders.filter((contender) => missingFor(contender) !== undefined);
  for (const contender of absent) console.error(`Without ${contender.name}: first run \`${missingFor(contender)}\`.`);
  const present = wantedContenders.filter((contender) => !absent.includes(contender));
  const session = await Session.start(plan, profile);
  try {
    const headroom = await session.measureProvider();
    const results = await session.run(chosenScenarios, present.includes(limit) ? present : [limit, ...present]);
    const summary = results.map(summarize);
    if (json !== '-') {
      printProviderHeadroom(headroom);
      summary.forEach(printScenario);
    }
    const text = toJson({ mode, headroom, results: summary });
    if (json === '-') process.stdout.write(text);
    else if (json !== undefined) await writeFile(json, text);
    return results.some((result) => result.faults.length > 0) ? 1 : 0;
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
