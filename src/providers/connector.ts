import { z } from 'zod';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { Address } from './base-url.ts';
import type { EmbeddingEndpoint, ImageEndpoint } from './endpoint.ts';
import type { Authorizer } from './provider.ts';
import { readFirstVariable, type Setting } from './setting.ts';
import type { ChatSurface } from './surface.ts';

/** How a provider is reached that takes more than a key and a base URL: options of its own, a credential that expires. */
export interface Connector {
  /** Its own options: what an entry may hold beside the common ones. */
  readonly options: z.ZodRawShape;
  /** Whether the environment alone asks for this provider, though nothing names it. */
  isMeant(environment: Environment): boolean;
  /** @throws ConfigurationError naming what is missing or wrong, and what to set */
  connect(entry: ConnectorEntry): Connection;
}

/** One configured entry, as its connector sees it. */
export interface ConnectorEntry {
  /** How the operator knows the entry: `providers.bedrock`, or the provider's name where the environment alone configures it. */
  readonly where: string;
  /** The provider's own options as they are written. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Keys of the entry or of the provider's own variable. */
  readonly apiKeys: Setting<readonly string[]> | undefined;
  readonly baseUrl: Setting<string> | undefined;
  /** Variables for this entry; none where it has a name of its own, since a key must not reach another server by accident. */
  readonly environment: Environment;
  /** All variables, for what belongs to the machine and not to one provider: its cloud region, its cloud identity. */
  readonly machine: Environment;
}

/** How an entry is reached. */
export interface Connection {
  readonly address: Address;
  /** Ways to ask for a chat answer, the usual one first. */
  readonly surfaces: readonly ChatSurface[];
  /** As `Provider.embeddings` and `Provider.images`, where the paths depend on the entry. */
  readonly embeddings?: readonly EmbeddingEndpoint[];
  readonly images?: readonly ImageEndpoint[];
  /** Stands in place of the entry's keys. */
  readonly authorizer?: Authorizer;
  /** Bare model names served here, where the entry does not list any itself. */
  readonly models?: readonly string[];
}

export interface ConnectorDefinition<Shape extends z.ZodRawShape> {
  readonly options: Shape;
  isMeant(environment: Environment): boolean;
  connect(entry: ConnectorEntry, options: z.output<z.ZodObject<Shape>>): Connection;
}

/** A connector whose `connect` reads its own options by their types. */
export function defineConnector<Shape extends z.ZodRawShape>(definition: ConnectorDefinition<Shape>): Connector {
  const schema = z.object(definition.options);
  return {
    options: definition.options,
    isMeant: (environment) => definition.isMeant(environment),
    connect: (entry) => definition.connect(entry, schema.parse(entry.options)),
  };
}

/** One of a provider's own options, and the variables that stand in for it. */
export interface OwnSetting {
  readonly option: string;
  /** As the entry has it. */
  readonly written: string | undefined;
  readonly variables: readonly string[];
}

/** The option where it is written, else the first of its variables that is set. Only `text` is read, not blanks. */
export function readOwnSetting(
  where: string,
  { option, written, variables }: OwnSetting,
  environment: Environment,
): Setting<string> | undefined {
  const text = written?.trim() ?? '';
  if (text !== '') return { value: text, where: `${where}.${option}` };
  return readFirstVariable(environment, variables);
}

/** What to say where a setting is in neither place. */
export function missingSetting(where: string, { option, variables }: OwnSetting, what: string): ConfigurationError {
  const [variable] = variables;
  const instead = variable === undefined ? 'Set' : `Set ${variable}, or`;
  return new ConfigurationError(`${where} has no ${what}. ${instead} the option "${option}".`);
}
