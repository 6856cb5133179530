import type { Kong } from './kong-pdk.ts';

/** Phases an external plugin can have. https://developer.konghq.com/gateway/entities/plugin/#plugin-contexts */
export const phases = ['certificate', 'rewrite', 'access', 'response', 'preread', 'log'] as const;
export type Phase = (typeof phases)[number];

/** One configured plugin at work: Kong starts one for each configuration in each of its workers. */
export type PluginInstance = { [Name in Phase]?: (kong: Kong) => Promise<void> };

/** A field of a plugin's configuration, in Kong's schema language. */
export type SchemaField = Readonly<Record<string, FieldDefinition>>;

export interface FieldDefinition {
  readonly type: 'string' | 'integer' | 'boolean' | 'array' | 'record';
  readonly required?: boolean;
  readonly default?: unknown;
  readonly elements?: FieldDefinition;
  readonly fields?: readonly SchemaField[];
  readonly len_min?: number;
  readonly len_max?: number;
  readonly between?: readonly [number, number];
  /** A Lua pattern. */
  readonly match?: string;
  /** Whether the value may be a vault reference, `{vault://env/...}`. */
  readonly referenceable?: boolean;
  /** Whether Kong Enterprise keeps it encrypted. */
  readonly encrypted?: boolean;
}

/** What a plugin file exports, by the names Kong's own plugin server looks for. */
export interface KongPlugin {
  readonly Name: string;
  readonly Version: string;
  readonly Priority: number;
  readonly Schema: readonly SchemaField[];
  readonly Plugin: new (config: unknown) => PluginInstance;
}

/** What Kong asks of a plugin when it starts: one element of the array a `query_cmd` prints. */
export function describePlugin({ Name, Version, Priority, Schema, Plugin }: KongPlugin) {
  const prototype: PluginInstance = Plugin.prototype;
  return {
    Name,
    Version,
    Priority,
    Phases: phases.filter((phase) => typeof prototype[phase] === 'function'),
    Schema: { name: Name, fields: [{ config: { type: 'record', fields: Schema } }] },
  };
}
