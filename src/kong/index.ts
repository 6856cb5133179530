export { aigwAuth } from './aigw-auth.ts';
export type { FieldDefinition, KongPlugin, Phase, PluginInstance, SchemaField } from './kong-plugin.ts';
export { kongPlugins } from './kong-plugins.ts';
