import { z } from 'zod';
import { parseOptions } from '../core/options.ts';
import { createDefaultLogger } from './default-logger.ts';
import { createRedactor, type Redactor } from './redact.ts';

/** How much is logged: each level includes the ones before it. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** One line: a flat object, ready to be serialised. `time` is ISO 8601. */
export interface LogEntry {
  readonly level: LogLevel;
  /** What the line is about: `call`, or the type of a gateway event. */
  readonly message: string;
  readonly time: string;
  readonly [field: string]: unknown;
}

/** A winston logger, or anything else that takes an entry: `{ log: (entry) => lines.push(entry) }`. */
export interface TelemetryLogger {
  log(entry: LogEntry): unknown;
}

/** What `telemetry` takes. */
export interface TelemetryOptions extends TelemetrySettings {
  /**
   * Where lines go. What it throws is lost, and what it cannot take in time is dropped and counted.
   * @default a winston logger that writes JSON to stdout
   */
  readonly logger?: TelemetryLogger;
}

/** What is logged: the `telemetry` section of a configuration file. */
export interface TelemetrySettings {
  /**
   * `info`: a line for each call. `warn`: only calls that failed at a provider or here. `debug` adds the path and every
   * attempt to each line. `silent`: nothing.
   * @default 'info'
   */
  readonly logLevel?: LogLevel | 'silent';
  /**
   * What else to black out, besides what looks like a key, token or password: texts, or patterns in linear form (no
   * repeated group that repeats inside).
   * @default []
   */
  readonly redact?: readonly (string | RegExp)[];
}

export interface ResolvedTelemetryOptions {
  readonly logger: TelemetryLogger;
  readonly logLevel: LogLevel | 'silent';
  readonly redact: Redactor;
}

/** The schema of the `telemetry` section; part of the one configuration schema. */
export const telemetrySettingsSchema = z.strictObject({
  logLevel: z
    .enum(['error', 'warn', 'info', 'debug', 'silent'], 'must be error, warn, info, debug or silent')
    .default('info'),
  redact: z
    .array(
      z.union(
        [
          z.string().min(4, 'must have at least 4 characters'),
          z
            .instanceof(RegExp)
            .refine(
              (pattern) => !repeatsARepetition(pattern),
              'repeats a group that repeats inside, which can take forever',
            ),
        ],
        'must be a text or a regular expression',
      ),
    )
    .default([]),
});

const schema = z.strictObject({
  logger: z.custom<TelemetryLogger>(isLogger, 'must have a method "log", as a winston logger has').optional(),
  ...telemetrySettingsSchema.shape,
});

/** @throws ConfigurationError naming the option and the fix */
export function resolveTelemetryOptions(options: TelemetryOptions, where: string): ResolvedTelemetryOptions {
  const { logger, logLevel, redact } = parseOptions(schema, options, where);
  return { logger: logger ?? createDefaultLogger(), logLevel, redact: createRedactor(redact) };
}

function isLogger(value: unknown): boolean {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'log' in value &&
    typeof value.log === 'function'
  );
}

/** `(a+)+` and its like, on which a backtracking engine takes exponential time. */
function repeatsARepetition(pattern: RegExp): boolean {
  return /\([^()]*[+*}][^()]*\)[+*{]/.test(pattern.source);
}
