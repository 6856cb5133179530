import { createLogger, format, transports } from 'winston';
import type { TelemetryLogger } from './options.ts';

/** winston, one JSON object a line, to stdout. The level is decided before an entry is made, so that winston takes all. */
export function createDefaultLogger(): TelemetryLogger {
  return createLogger({
    level: 'debug',
    // Entries are flat and made here: the plain serialiser does, at a fraction of the cost of winston's own.
    format: format.printf((entry) => JSON.stringify(entry)),
    transports: [new transports.Console()],
  });
}
