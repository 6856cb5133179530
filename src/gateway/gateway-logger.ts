import winston from 'winston';
import type { GatewayTelemetry } from './config/schema.ts';

/** The logger of a gateway whose app brings none: one JSON line per entry on standard output. */
export function createGatewayLogger(level: NonNullable<GatewayTelemetry['logLevel']>): winston.Logger {
  return winston.createLogger({
    level: level === 'silent' ? 'error' : level,
    silent: level === 'silent',
    format: winston.format.combine(winston.format.timestamp({ alias: 'time' }), winston.format.json()),
    transports: [new winston.transports.Console({ forceConsole: false })],
  });
}
