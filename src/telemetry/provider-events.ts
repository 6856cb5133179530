import type { GatewayEventListener } from '../core/events.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { eventLevel, eventLine, repetitionKey } from './event-line.ts';
import { createLogSink, isoTime, type LogSink } from './log-sink.ts';
import { resolveTelemetryOptions, type TelemetryOptions } from './options.ts';

/** How long the same standing fault is not said again. */
const quietMilliseconds = 60_000;
/** Standing faults remembered at once; there are only so many targets. */
const maxRemembered = 1_000;

/**
 * A listener that writes one line for each event: a provider ejected, recovered, failed over, refusing our key. Give it
 * to `failover` as `onEvent`. A fault that comes back with each call is said once a minute, with the number of times it
 * was not said.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function providerEvents(options: TelemetryOptions = {}, runtime: Runtime = systemRuntime): GatewayEventListener {
  return eventLogger(createLogSink(resolveTelemetryOptions(options, 'providerEvents()'), runtime));
}

export function eventLogger(sink: LogSink): GatewayEventListener {
  const said = new Map<string, { at: number; repeated: number }>();

  /** How often the fault has come since it was last said; `undefined` while it is to be left unsaid. */
  function repetitions(key: string): number | undefined {
    const now = sink.runtime.now();
    const last = said.get(key);
    if (last !== undefined && now - last.at < quietMilliseconds) {
      last.repeated += 1;
      return undefined;
    }
    said.delete(key);
    if (said.size >= maxRemembered) said.clear();
    said.set(key, { at: now, repeated: 0 });
    return last?.repeated ?? 0;
  }

  return (event) => {
    if (!sink.enabled(eventLevel(event))) return;
    const key = repetitionKey(event);
    const repeated = key === undefined ? 0 : repetitions(key);
    if (repeated === undefined) return;
    const line = eventLine(event, isoTime(sink.runtime));
    sink.write(repeated === 0 ? line : { ...line, repeated });
  };
}
