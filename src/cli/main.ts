#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { ConfigurationError } from '../core/errors.ts';
import { startServer } from './server.ts';

const usage = `ai-gateway: one OpenAI-compatible API over every LLM provider

  --config FILE   YAML or JSON configuration; without it, the environment
  --port N        port to listen on (default 8787)
  --host ADDRESS  address to listen on (default 127.0.0.1)
  --help          this text

Without a configuration and without a provider's key in the environment, built-in demo providers answer.
`;

const options = {
  config: { type: 'string' },
  port: { type: 'string', default: '8787' },
  host: { type: 'string', default: '127.0.0.1' },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = readArguments();
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const server = await startServer({ config: values.config, port: readPort(values.port), host: values.host });
  const stop = (): void => {
    server.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stderr.write(server.greeting);
}

function readArguments() {
  try {
    return parseArgs({ options });
  } catch (thrown) {
    throw new ConfigurationError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new ConfigurationError('--port must be a number from 0 to 65535');
}

main().catch((thrown: unknown) => {
  const known = thrown instanceof ConfigurationError;
  process.stderr.write(`${known ? thrown.message : String(thrown instanceof Error ? thrown.stack : thrown)}\n`);
  process.exit(known ? 2 : 1);
});
