import { ConfigurationError } from '../core/errors.ts';
import { fixedToken, tokenAuthorizer } from './access-token.ts';
import { createDeployments, readDeploymentList } from './azure-deployments.ts';
import { azureChat, layOutAzure } from './azure-layout.ts';
import { apiVersion, azureOptions, type ParsedAzureOptions } from './azure-options.ts';
import { parseAddress } from './base-url.ts';
import { type ConnectorEntry, defineConnector, type OwnSetting, readOwnSetting } from './connector.ts';
import type { Authorizer, Provider } from './provider.ts';
import { readVariable, refuseSetting, type Setting } from './setting.ts';

const variables = {
  endpoint: ['AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_BASE_URL'],
  apiVersion: ['AZURE_OPENAI_API_VERSION', 'OPENAI_API_VERSION'],
};

/** Models of OpenAI and others in a resource of one's own, each under the name of its deployment. */
export const azure: Provider = {
  name: 'azure',
  aliases: ['azure-openai'],
  label: 'Azure OpenAI',
  dialect: azureChat,
  chatPath: () => '/chat/completions',
  credential: { header: 'api-key' },
  environment: { apiKey: ['AZURE_OPENAI_API_KEY'], baseUrl: 'AZURE_OPENAI_ENDPOINT' },
  // For Claude: https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
  headers: { 'anthropic-version': '2023-06-01' },
  connector: defineConnector({
    options: azureOptions,
    isMeant: (environment) =>
      ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_AD_TOKEN', ...variables.endpoint].some((name) =>
        readVariable(environment, name),
      ),
    connect(entry, options) {
      const authorizer = readAuthorizer(entry, options);
      return {
        ...layOutAzure(parseAddress(readEndpoint(entry, options)), {
          version: readApiVersion(entry, options),
          deployments: createDeployments(readDeployments(entry, options)),
        }),
        ...(authorizer !== undefined && { authorizer }),
      };
    },
  }),
  modelsPath: '/models',
  reference: 'https://learn.microsoft.com/azure/ai-foundry/openai/latest',
};

function readEndpoint(entry: ConnectorEntry, options: ParsedAzureOptions): Setting<string> {
  const { where, baseUrl, environment } = entry;
  const { resource } = options;
  if (resource !== undefined) {
    if (baseUrl?.where.startsWith(`${where}.`))
      throw refuseSetting(baseUrl, 'and "resource" are both given. Leave one out');
    return { value: `https://${resource}.openai.azure.com`, where: `${where}.resource` };
  }
  const setting = baseUrl ?? readOwnSetting(where, { ...endpoint, written: undefined }, environment);
  if (setting !== undefined) return setting;
  const [variable] = variables.endpoint;
  throw new ConfigurationError(`${where} has no address. Set ${variable}, or the option "resource" or "baseUrl".`);
}

const endpoint: Omit<OwnSetting, 'written'> = { option: 'baseUrl', variables: variables.endpoint };

function readApiVersion({ where, environment }: ConnectorEntry, options: ParsedAzureOptions): string {
  const own = { option: 'apiVersion', written: options.apiVersion, variables: variables.apiVersion };
  const setting = readOwnSetting(where, own, environment);
  if (setting === undefined) return 'v1';
  if (apiVersion.safeParse(setting.value).success) return setting.value;
  throw refuseSetting(setting, 'must be "v1", "preview" or a date such as "2024-10-21"');
}

function readDeployments(
  { where, environment }: ConnectorEntry,
  { deployments }: ParsedAzureOptions,
): Setting<Readonly<Record<string, string>>> | undefined {
  if (deployments !== undefined) return { value: deployments, where: `${where}.deployments` };
  const setting = readVariable(environment, 'AZURE_OPENAI_DEPLOYMENTS');
  return setting && readDeploymentList(setting);
}

/** A token of Entra ID where there is one in place of a key. */
function readAuthorizer(
  { where, apiKeys, environment }: ConnectorEntry,
  options: ParsedAzureOptions,
): Authorizer | undefined {
  if (options.accessToken !== undefined) {
    if (apiKeys?.where.startsWith(`${where}.`)) {
      throw refuseSetting(apiKeys, 'and "accessToken" are both given. Leave one out');
    }
    return tokenAuthorizer(options.accessToken);
  }
  const token = apiKeys === undefined ? readVariable(environment, 'AZURE_OPENAI_AD_TOKEN') : undefined;
  if (token === undefined) return undefined;
  if (/^[\x21-\x7e]+$/.test(token.value)) return fixedToken(token.value);
  throw refuseSetting(token, 'has a space, a line break or a letter outside ASCII in it, which no token has');
}
