import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { findProvider } from './registry.ts';
import { readVariable, type Setting, splitList } from './setting.ts';

/** An OpenAI-compatible server that environment variables describe. */
export interface OwnServer {
  readonly name: string;
  /** The beginning its variables have in common. */
  readonly where: string;
  readonly baseUrl: Setting<string>;
  readonly apiKeys: Setting<readonly string[]> | undefined;
  readonly models: Setting<readonly string[]> | undefined;
}

const prefix = 'GATEWAY_PROVIDER_';
const form = /^GATEWAY_PROVIDER_([A-Z0-9](?:[A-Z0-9_]{0,62}[A-Z0-9])?)_(BASE_URL|API_KEY|MODELS)$/;

/**
 * Servers by name, sorted: `GATEWAY_PROVIDER_MY_LAB_BASE_URL` makes `my-lab`.
 * @throws ConfigurationError for a variable that begins like one of these and is none
 */
export function readOwnServers(environment: Environment): ReadonlyMap<string, OwnServer> {
  const variables = Object.keys(environment).filter((variable) => variable.startsWith(prefix));
  const names = new Set(
    variables.filter((variable) => readVariable(environment, variable) !== undefined).map(serverVariableName),
  );
  return new Map([...names].sort().map((name) => [serverName(name), readServer(name, environment)]));
}

function serverVariableName(variable: string): string {
  const name = form.exec(variable)?.[1];
  if (name === undefined) {
    throw new ConfigurationError(
      `${variable} is not a variable of this gateway. A server of your own is described by ${prefix}<NAME>_BASE_URL, ${prefix}<NAME>_API_KEY and ${prefix}<NAME>_MODELS, in capitals.`,
    );
  }
  const known = findProvider(serverName(name));
  if (known !== undefined) {
    throw new ConfigurationError(
      `${variable}: "${serverName(name)}" means ${known.label}, which ${known.environment.baseUrl} configures. Give the server another name.`,
    );
  }
  return name;
}

function readServer(name: string, environment: Environment): OwnServer {
  const where = `${prefix}${name}`;
  const baseUrl = readVariable(environment, `${where}_BASE_URL`);
  if (baseUrl === undefined) {
    throw new ConfigurationError(`${where}_BASE_URL is not set, though other variables describe that server. Set it.`);
  }
  return {
    name: serverName(name),
    where,
    baseUrl,
    apiKeys: readList(environment, `${where}_API_KEY`),
    models: readList(environment, `${where}_MODELS`),
  };
}

function readList(environment: Environment, variable: string): Setting<readonly string[]> | undefined {
  const setting = readVariable(environment, variable);
  return setting && splitList(setting);
}

function serverName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
