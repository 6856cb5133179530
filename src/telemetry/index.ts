export type { AttemptLine, CallLine } from './call-line.ts';
export { createDefaultLogger } from './default-logger.ts';
export type { LogEntry, LogLevel, TelemetryLogger, TelemetryOptions } from './options.ts';
export { providerEvents } from './provider-events.ts';
export { createTelemetry, type Telemetry } from './telemetry.ts';
