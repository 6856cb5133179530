import type { Runtime } from '../core/runtime.ts';
import {
  createLogSink,
  createRedactor,
  describeThrown,
  isoTime,
  type LogLevel,
  type TelemetryLogger,
} from '../telemetry/index.ts';

type Fields = Readonly<Record<string, string | number>>;

/** Lines for whoever operates the plugin server. Kong writes what the process prints into its own log. */
export interface OperatorLog {
  readonly logger: TelemetryLogger;
  line(level: LogLevel, message: string, fields?: Fields): void;
  /** Something broke: where, but not with which message, which can quote a request. */
  fault(message: string, fields: Fields, thrown: unknown): void;
}

/** JSON lines, redacted like all lines of this package. To stderr: what a `dump` prints to stdout is for Kong to parse. */
export function operatorLog(runtime: Runtime, write: (row: string) => void = writeToStderr): OperatorLog {
  const logger: TelemetryLogger = { log: (entry) => write(`${JSON.stringify(entry)}\n`) };
  const sink = createLogSink({ logger, logLevel: 'info', redact: createRedactor() }, runtime);
  const line = (level: LogLevel, message: string, fields: Fields = {}): void =>
    sink.write({ level, message, time: isoTime(runtime), ...fields });
  return {
    logger,
    line,
    fault(message, fields, thrown) {
      const { cause, stack } = describeThrown(thrown);
      line('error', message, {
        ...fields,
        ...(cause !== undefined && { error_cause: cause }),
        ...(stack !== undefined && { error_stack: stack }),
      });
    },
  };
}

function writeToStderr(row: string): void {
  process.stderr.write(row);
}
