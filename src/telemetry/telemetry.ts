import type { Call } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import type { GatewayEventListener } from '../core/events.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import type { Settlement } from '../core/settlement.ts';
import { callLevel, callLine } from './call-line.ts';
import { createLogSink, isoTime } from './log-sink.ts';
import { resolveTelemetryOptions, type TelemetryOptions } from './options.ts';
import { eventLogger } from './provider-events.ts';

export interface Telemetry extends Capability {
  /** Writes gateway events to the same log: the `onEvent` of `failover`. */
  readonly onEvent: GatewayEventListener;
}

/**
 * One structured line for each call, when it has ended. Never a prompt, an answer, a header's value or an error's
 * message; whatever looks like a credential is blacked out. Nothing the logger does can break or delay an answer.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createTelemetry(options: TelemetryOptions = {}, runtime: Runtime = systemRuntime): Telemetry {
  const sink = createLogSink(resolveTelemetryOptions(options, 'telemetry()'), runtime);
  const verbose = sink.enabled('debug');
  return {
    name: 'telemetry',
    onEvent: eventLogger(sink),
    onSettled(call: Call, settlement: Settlement): void {
      const level = callLevel(settlement);
      if (!sink.enabled(level)) return;
      sink.write(callLine(call, settlement, { level, time: isoTime(runtime), verbose }));
    },
  };
}
