#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { duration } from '../core/units.ts';
import { describePlugin } from './kong-plugin.ts';
import { kongPlugins } from './kong-plugins.ts';
import { serve } from './serve.ts';

const usage = `aigw-kong: the plugins of ai-gateway-middleware for Kong

  aigw-kong serve --socket PATH [--deadline 10s]   serves all plugins on a unix socket
  aigw-kong dump NAME                              describes one plugin, for a query_cmd
  aigw-kong dump-all                               describes all plugins

  --deadline  longest time for one phase of a request, below 60s; then the request is refused
`;

/** Kong waits 60 s for a plugin, and then lets the request through. */
const kongPatience = 60_000;
/** Kong sends SIGTERM when it stops, and waits for its own workers, not for us. */
const drainMilliseconds = 10_000;

const optionSchema = z.object({
  deadline: duration.pipe(z.number().min(1, 'must be positive').lt(kongPatience, 'must be below 60s')),
});

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const [command, name, ...rest] = positionals;
  if (values.help) process.stdout.write(usage);
  else if (command === 'serve' && name === undefined) await serveUntilStopped(values.socket, values.deadline);
  else if (command === 'dump' && name !== undefined && rest.length === 0) dump(name);
  else if (command === 'dump-all' && name === undefined) dump(undefined);
  else throw new ConfigurationError(usage);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        socket: { type: 'string' },
        deadline: { type: 'string', default: '10s' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (thrown) {
    throw new ConfigurationError(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${usage}`);
  }
}

/** Kong parses what is printed: nothing else may go to stdout. */
function dump(name: string | undefined): void {
  const plugins = kongPlugins.filter((plugin) => name === undefined || plugin.Name === name);
  if (plugins.length === 0) {
    const known = kongPlugins.map((plugin) => plugin.Name).join(', ');
    throw new ConfigurationError(`There is no plugin "${name}". There are: ${known}`);
  }
  process.stdout.write(`${JSON.stringify(plugins.map(describePlugin))}\n`);
}

async function serveUntilStopped(socket: string | undefined, given: string): Promise<void> {
  if (socket === undefined) throw new ConfigurationError('serve: give --socket PATH');
  const { deadline } = parseOptions(optionSchema, { deadline: given }, 'serve');
  const running = await serve({ socket, deadline });
  const stop = (): void => {
    setTimeout(() => process.exit(0), drainMilliseconds).unref();
    running.drain().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((thrown: unknown) => {
  const known = thrown instanceof ConfigurationError;
  process.stderr.write(`${known ? thrown.message : String(thrown instanceof Error ? thrown.stack : thrown)}\n`);
  process.exit(known ? 2 : 1);
});
