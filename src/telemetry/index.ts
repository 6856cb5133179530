export type { AttemptLine, CallLine } from './call-line.ts';
export { createDefaultLogger } from './default-logger.ts';
export { describeThrown } from './describe-thrown.ts';
export { createLogSink, isoTime } from './log-sink.ts';
export {
  type LogEntry,
  type LogLevel,
  type TelemetryLogger,
  type TelemetryOptions,
  type TelemetrySettings,
  telemetrySettingsSchema,
} from './options.ts';
export { providerEvents } from './provider-events.ts';
export { createRedactor } from './redact.ts';
export { createTelemetry, type Telemetry } from './telemetry.ts';
