import type { Runtime } from '../core/runtime.ts';
import type { LogEntry, LogLevel, ResolvedTelemetryOptions, TelemetryLogger } from './options.ts';
import type { Redactor } from './redact.ts';

/** The way to a logger that cannot hurt: nothing it does reaches a call, and no secret reaches it. */
export interface LogSink {
  readonly runtime: Runtime;
  enabled(level: LogLevel): boolean;
  /** Takes an entry over and blacks out its secrets in place. */
  write(entry: LogEntry): void;
}

const rank = { silent: -1, error: 0, warn: 1, info: 2, debug: 3 } as const;
/** Entries a stalled logger may keep in memory. A healthy winston logger keeps none. */
const maxWaiting = 1_000;

export function createLogSink({ logger, logLevel, redact }: ResolvedTelemetryOptions, runtime: Runtime): LogSink {
  const threshold = rank[logLevel];
  let dropped = 0;
  muteErrorEvents(logger);
  return {
    runtime,
    enabled: (level) => rank[level] <= threshold,
    write(entry) {
      if (isStalled(logger)) {
        dropped += 1;
        return;
      }
      if (dropped > 0) {
        const count = dropped;
        dropped = 0;
        hand(logger, { level: 'warn', message: 'log-lines-dropped', time: isoTime(runtime), count });
      }
      redactValues(entry, redact);
      hand(logger, entry);
    },
  };
}

export function isoTime(runtime: Runtime): string {
  return new Date(runtime.wallTime()).toISOString();
}

function hand(logger: TelemetryLogger, entry: LogEntry): void {
  try {
    const result = logger.log(entry);
    if (isThenable(result)) result.then(ignore, ignore);
  } catch {
    // A log that cannot be written is no reason to fail a call, and there is nowhere left to say so.
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function ignore(): void {}

/** A winston logger re-emits what its transports fail with; without a listener that would end the process. */
function muteErrorEvents(logger: object): void {
  if ('on' in logger && typeof logger.on === 'function') logger.on('error', ignore);
}

/** Whether entries pile up in the logger: winston's is a stream, and stops passing on what a transport does not take. */
function isStalled(logger: object): boolean {
  return 'writableLength' in logger && typeof logger.writableLength === 'number' && logger.writableLength > maxWaiting;
}

function redactValues(holder: Record<string, unknown>, redact: Redactor): void {
  for (const key in holder) {
    const value = holder[key];
    if (typeof value === 'string') {
      if (!isOurs(key, value)) holder[key] = redact(value);
    } else if (Array.isArray(value)) {
      holder[key] = value.map((item: unknown) => redactItem(item, redact));
    }
  }
}

const plainId = /^[0-9a-f-]{32,36}$/i;

/** Words and digits made here; request ids of proxies, which are as long a run of digits as some keys. */
function isOurs(key: string, value: string): boolean {
  return key === 'time' || key === 'level' || (key === 'request_id' && plainId.test(value));
}

function redactItem(item: unknown, redact: Redactor): unknown {
  if (typeof item === 'string') return redact(item);
  if (typeof item === 'object' && item !== null) {
    const copy: Record<string, unknown> = { ...item };
    redactValues(copy, redact);
    return copy;
  }
  return item;
}
