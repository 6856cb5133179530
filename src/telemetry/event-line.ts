import type { GatewayEvent } from '../core/events.ts';
import type { LogEntry, LogLevel } from './options.ts';

/** `error` for what an operator has to mend, `warn` for what heals by itself, `info` for what has healed. */
export function eventLevel(event: GatewayEvent): LogLevel {
  switch (event.type) {
    case 'upstream-auth-failed':
    case 'upstream-quota-exhausted':
    case 'target-misconfigured':
    case 'budget-store-failed':
    case 'limit-store-failed':
    case 'budget-use-lost':
    case 'budget-alert-undelivered':
      return 'error';
    case 'target-ejected':
    case 'failed-over':
    case 'invalid-utf8':
    case 'budget-threshold':
    case 'model-unpriced':
    case 'limit-exceeded-in-shadow':
      return 'warn';
    case 'target-recovered':
    case 'target-probing':
      return 'info';
  }
}

/** What repeats with each call until somebody mends it; `undefined` for what happens once. */
export function repetitionKey(event: GatewayEvent): string | undefined {
  switch (event.type) {
    case 'upstream-auth-failed':
    case 'upstream-quota-exhausted':
      return `${event.type} ${event.target} ${event.keyNumber ?? ''}`;
    case 'target-misconfigured':
    case 'invalid-utf8':
    case 'model-unpriced':
      return `${event.type} ${event.target}`;
    case 'budget-store-failed':
      return `${event.type} ${event.operation} ${event.reason}`;
    case 'limit-store-failed':
      return `${event.type} ${event.reason}`;
    case 'limit-exceeded-in-shadow':
      return `${event.type} ${event.limit}`;
    case 'budget-threshold':
    case 'budget-use-lost':
    case 'budget-alert-undelivered':
    case 'target-ejected':
    case 'target-probing':
    case 'target-recovered':
    case 'failed-over':
      return undefined;
  }
}

/** The event as a line: its type is the message, its fields are in snake case, a call's id is `request_id`. */
export function eventLine(event: GatewayEvent, time: string): LogEntry {
  const line: Record<string, unknown> & LogEntry = { level: eventLevel(event), message: event.type, time };
  for (const [name, value] of Object.entries(event)) {
    if (name !== 'type' && value !== undefined) line[fieldName(name)] = value;
  }
  return line;
}

function fieldName(name: string): string {
  return name === 'callId' ? 'request_id' : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
