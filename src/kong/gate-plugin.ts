import type { Call } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import { ConfigurationError } from '../core/errors.ts';
import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { createTelemetry } from '../telemetry/index.ts';
import { closedGate, createGate, type Gate, type GateTarget, type Passage } from './gate.ts';
import type { Kong } from './kong-pdk.ts';
import type { KongPlugin, SchemaField } from './kong-plugin.ts';
import { type OperatorLog, operatorLog } from './operator-log.ts';
import type { RequestNeeds } from './read-request.ts';
import { SharedCapabilities } from './shared-capabilities.ts';
import { pluginVersion } from './version.ts';

/** A capability as a Kong plugin that decides in the access phase: one row for each. */
export interface GateRow {
  /** Kong's name of the plugin, `aigw-...`. */
  readonly name: string;
  /** Its place among the plugins of a route; higher comes first. */
  readonly priority: number;
  readonly schema: readonly SchemaField[];
  readonly needs: RequestNeeds;
  /** @throws ConfigurationError naming the option and the fix */
  create(config: JsonObject): Capability;
  passage(call: Call, config: JsonObject): Passage;
}

/** What every gate can be told besides its own options. */
const gateFields: readonly SchemaField[] = [
  {
    target: {
      type: 'record',
      fields: [
        // No name: `kong.service.set_target` does not resolve one.
        { host: { type: 'string', required: true, match: '^[%x.:]+$' } },
        { port: { type: 'integer', required: true, between: [1, 65_535] } },
      ],
    },
  },
];

export interface GateEnvironment {
  readonly runtime: Runtime;
  readonly log: OperatorLog;
}

const systemEnvironment: GateEnvironment = { runtime: systemRuntime, log: operatorLog(systemRuntime) };

/** The plugin Kong loads. All its instances in this process share the capability of their configuration. */
export function gatePlugin(row: GateRow, environment: GateEnvironment = systemEnvironment): KongPlugin {
  const shared = new SharedCapabilities();
  class GatePlugin {
    readonly #gate: Gate;

    constructor(config: unknown) {
      this.#gate = failingClosed(openGate(row, shared, environment)(config), row.name, environment.log);
    }

    access(kong: Kong): Promise<void> {
      return this.#gate(kong);
    }
  }
  return {
    Name: row.name,
    Version: pluginVersion,
    Priority: row.priority,
    Schema: [...row.schema, ...gateFields],
    Plugin: GatePlugin,
  };
}

/**
 * An instance that cannot work refuses every request, and says in the log why: an error at its start would be Kong's to
 * handle, request by request.
 */
function openGate(row: GateRow, shared: SharedCapabilities, { runtime, log }: GateEnvironment) {
  return (given: unknown): Gate => {
    const sent = asObject(given) ?? {};
    const config = ownConfig(sent, [...row.schema, ...gateFields]);
    try {
      return createGate({
        name: row.name,
        capability: shared.get(asString(sent.__plugin_id) ?? '', config, () => row.create(config)),
        witness: createTelemetry({ logger: log.logger, logLevel: 'error' }, runtime),
        needs: row.needs,
        passage: (call) => row.passage(call, config),
        target: targetOf(config),
        runtime,
      });
    } catch (thrown) {
      if (thrown instanceof ConfigurationError) {
        log.line('error', 'plugin-misconfigured', { plugin: row.name, reason: thrown.message });
      } else {
        log.fault('plugin-misconfigured', { plugin: row.name }, thrown);
      }
      return closedGate();
    }
  };
}

/** Kong's own JavaScript server lets a request through when a plugin throws: what may throw ends here. */
function failingClosed(gate: Gate, plugin: string, log: OperatorLog): Gate {
  return async (kong) => {
    try {
      await gate(kong);
    } catch (thrown) {
      log.fault('plugin-failed', { plugin, phase: 'access' }, thrown);
      await closedGate()(kong);
    }
  };
}

function targetOf(config: JsonObject): GateTarget | undefined {
  const target = asObject(config.target);
  if (target === undefined) return undefined;
  return { host: String(target.host), port: Number(target.port) };
}

/** The options of the schema. Kong adds members of its own (`__plugin_id`, `$refs`), and `null` for what is not set. */
function ownConfig(sent: JsonObject, schema: readonly SchemaField[]): JsonObject {
  const names = new Set(schema.flatMap((field) => Object.keys(field)));
  return Object.fromEntries(
    Object.entries(sent)
      .filter(([name]) => names.has(name))
      .map(([name, value]) => [name, withoutAdditions(value)] as const)
      .filter(([, value]) => value !== undefined),
  );
}

function withoutAdditions(value: JsonValue | undefined): JsonValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return asArray(value).flatMap((item) => withoutAdditions(item) ?? []);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.startsWith('$') && !name.startsWith('__'))
      .map(([name, member]) => [name, withoutAdditions(member)] as const)
      .filter(([, member]) => member !== undefined),
  );
}
