import { Call } from '../../src/core/call.ts';
import type { Operation } from '../../src/core/inbound.ts';
import type { Outcome, Settlement } from '../../src/core/settlement.ts';
import { createTelemetry, type LogEntry, type TelemetryOptions } from '../../src/telemetry/index.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

export interface Recorded {
  readonly lines: LogEntry[];
  readonly runtime: ManualRuntime;
  readonly telemetry: ReturnType<typeof createTelemetry>;
}

/** Telemetry whose lines can be read. */
export function recorded(options: TelemetryOptions = {}): Recorded {
  const lines: LogEntry[] = [];
  const runtime = manualRuntime();
  return {
    lines,
    runtime,
    telemetry: createTelemetry({ logger: { log: (entry) => lines.push(entry) }, ...options }, runtime),
  };
}

interface CallDetails {
  readonly path?: string;
  readonly operation?: Operation;
  readonly rawHeaders?: readonly string[];
}

export function chatCall({ path = '/chat/completions', operation = 'chat', rawHeaders = [] }: CallDetails = {}): Call {
  const call = new Call({
    head: { method: 'POST', path, headers: {}, rawHeaders },
    dialect: 'openai-chat',
    operation,
    runtime: manualRuntime(),
    readBody: () => ({ json: {} }),
  });
  call.requestedModel = 'gpt-4o-mini';
  return call;
}

export function settled(outcome: Partial<Settlement> & Partial<Outcome> = {}): Settlement {
  return { status: 'ok', httpStatus: 200, latencyMs: 1234.5678, attempts: [], ...outcome };
}
