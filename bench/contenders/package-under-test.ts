import { createWriteStream } from 'node:fs';
import os from 'node:os';
import winston from 'winston';
import type { AuthKey, FailoverSettings, ModelsOptions, ProvidersOptions } from '../../src/index.ts';
import { providerOrigin } from '../process/serve.ts';
import { failingPrefix } from '../provider/prepared-answers.ts';
import { callerKeys, chainModel } from './calls.ts';

/** The package as it is published, not its sources: `npm run build` comes first. */
export const underTest: typeof import('../../src/index.ts') = await import(
  new URL('../../dist/index.js', import.meta.url).href
);

const apiKey = 'bench-provider-key-0123456789';
const origin = providerOrigin();

export const keys: readonly AuthKey[] = callerKeys.map((key, index) => ({ key, id: `bench-${index}` }));

export const providers: ProvidersOptions = {
  openai: { apiKey, baseUrl: `${origin}/v1` },
  anthropic: { apiKey, baseUrl: origin },
  gemini: { apiKey, baseUrl: origin },
  refusing: { type: 'openai', apiKey, baseUrl: `${origin}${failingPrefix}/v1` },
};

export const models: ModelsOptions = {
  [chainModel]: { targets: ['refusing/gpt-4o', 'openai/gpt-4o'], strategy: 'priority' },
};

/**
 * The refusal of the first link says nothing of its health, so that it is asked every time: with a failure that counts,
 * it would soon be left out and nothing would be measured.
 */
export const failoverSettings: FailoverSettings = {
  on: ['rate_limit', 'timeout', 'server_error', 'connection', 'context_window'],
  retryBudget: 'unlimited',
};

/** Formats every line as in production and writes it where it costs no disk. */
export const logger = winston.createLogger({
  level: 'info',
  format: winston.format.json(),
  transports: [new winston.transports.Stream({ stream: createWriteStream(os.devNull) })],
});
