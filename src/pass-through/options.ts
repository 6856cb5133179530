import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration, type Size, size } from '../core/units.ts';
import type { ProvidersOptions } from '../providers/options.ts';
import { defaultPaths } from './path-family.ts';

/** What `passThrough()` takes. Without any option the providers come from the environment. */
export interface PassThroughOptions extends PassThroughSettings {
  /**
   * The providers by name.
   * @default those the environment names by key or address (`OPENAI_API_KEY`, `OLLAMA_BASE_URL`, ...)
   */
  readonly providers?: ProvidersOptions;
}

/** How pass-through behaves: the `passThrough` section of a configuration file. */
export interface PassThroughSettings {
  /**
   * Paths that are passed on, each with everything below it, written without the mount point and without a version:
   * `/audio`, `/files`. Anything else is not. What stands here is what a caller may do with the provider's account.
   * @default files, uploads, audio, batches, fine-tuning, moderations, completions, rerank, vector stores, realtime, ...: `defaultPaths`
   */
  readonly paths?: readonly string[];
  /**
   * Names of the providers that may be reached.
   * @default all that are configured
   */
  readonly only?: readonly string[];
  /**
   * Whether callers whom no `auth` in front has named may use it. Every call costs money, and the files and batches of a
   * provider's account are those of all its users.
   * @default 'refuse'
   */
  readonly anonymous?: 'refuse' | 'allow';
  /**
   * Largest request body. It is never held in memory; `bodyLimit` does not apply here.
   * @default '512mb'
   */
  readonly maxUpload?: Size;
  /** WebSocket sessions (`/realtime`). */
  readonly realtime?: RealtimeSettings;
}

export interface RealtimeSettings {
  /**
   * Longest silence in both directions.
   * @default '5m'
   */
  readonly idle?: Duration;
  /**
   * The whole session. OpenAI ends its own after an hour.
   * @default '1h'
   */
  readonly total?: Duration;
}

const path = z
  .string('must be a text')
  .regex(/^(?:\/[\w.:-]+)+$/, 'must be a path such as "/files", without a version and without a slash at its end')
  .refine((value) => !/^\/v\d/.test(value), 'must be written without the version, such as "/files"')
  .refine((value) => !/\/\.\.?(?:\/|$)/.test(value), 'must not climb');

const timeLimit = duration.refine((milliseconds) => milliseconds > 0, 'must be longer than nothing');

/** The schema of the `passThrough` section; part of the one configuration schema. */
export const passThroughSettingsSchema = z.strictObject({
  paths: z
    .array(path, 'must be a list of paths')
    .min(1, 'is empty: nothing would be passed on')
    .default([...defaultPaths]),
  only: z.array(z.string()).min(1, 'is empty: no provider could be reached').optional(),
  anonymous: z.enum(['refuse', 'allow'], 'must be "refuse" or "allow"').default('refuse'),
  maxUpload: size.refine((bytes) => bytes > 0, 'must be more than nothing').default(512 * 1024 ** 2),
  realtime: z.strictObject({ idle: timeLimit.default(300_000), total: timeLimit.default(3_600_000) }).prefault({}),
});

export type ResolvedPassThroughSettings = z.output<typeof passThroughSettingsSchema>;

/** @throws ConfigurationError naming the option and the fix */
export function resolvePassThroughSettings(settings: PassThroughSettings): ResolvedPassThroughSettings {
  return parseOptions(passThroughSettingsSchema, settings, 'passThrough()');
}
