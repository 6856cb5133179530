import { ConfigurationError } from '../core/errors.ts';
import { anthropicMessages } from '../dialects/anthropic-messages/index.ts';
import { openaiChat, openaiParameters } from '../dialects/openai-chat/index.ts';
import { fixedToken, tokenAuthorizer } from './access-token.ts';
import { createDeployments, type Deployments, forDeployments, readDeploymentList } from './azure-deployments.ts';
import { apiVersion, azureOptions, type ParsedAzureOptions } from './azure-options.ts';
import { type Address, parseAddress } from './base-url.ts';
import { type Connection, type ConnectorEntry, defineConnector, type OwnSetting, readOwnSetting } from './connector.ts';
import type { Authorizer, Provider } from './provider.ts';
import { readVariable, refuseSetting, type Setting } from './setting.ts';
import type { ChatSurface } from './surface.ts';

/** What Azure's chat completions take: https://learn.microsoft.com/azure/ai-foundry/openai/latest */
const parameters = [
  ...openaiParameters.filter((name) => name !== 'web_search_options'),
  'data_sources',
  'user_security_context',
];

const chat = openaiChat({ parameters });
/** `max_completion_tokens` came with the first reasoning models. */
const chatBefore2024September = openaiChat({ parameters, maxTokensFields: ['max_tokens'], modelRules: [] });
const messages = anthropicMessages();

const claude = /^claude/;
const notClaude = /^(?!claude)/;

const variables = {
  endpoint: ['AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_BASE_URL'],
  apiVersion: ['AZURE_OPENAI_API_VERSION', 'OPENAI_API_VERSION'],
};

/** Models of OpenAI and others in a resource of one's own, each under the name of its deployment. */
export const azure: Provider = {
  name: 'azure',
  aliases: ['azure-openai'],
  label: 'Azure OpenAI',
  dialect: chat,
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
      const deployments = createDeployments(readDeployments(entry, options));
      const authorizer = readAuthorizer(entry, options);
      return {
        ...layOut(parseAddress(readEndpoint(entry, options)), readApiVersion(entry, options), deployments),
        models: deployments.models,
        ...(authorizer !== undefined && { authorizer }),
      };
    },
  }),
  modelsPath: '/models',
  reference: 'https://learn.microsoft.com/azure/ai-foundry/openai/latest',
};

/**
 * Three ways to lay the API out: under `/openai/v1`, with deployments in the path, and Foundry's inference API under
 * `/models`. The base URL tells where it can, the version otherwise.
 */
function layOut({ origin, basePath }: Address, version: string, deployments: Deployments): Connection {
  const foundry = basePath.endsWith('/models');
  const root = basePath.replace(/\/(?:openai\/v1|openai|models|anthropic)$/, '');
  const address = { origin, basePath: root };
  const before = version < '2024-09' && isDated(version);
  const dialect = forDeployments(before ? chatBefore2024September : chat, deployments);
  const claudeSurface: ChatSurface = {
    // https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
    dialect: forDeployments(messages, deployments),
    chatPath: () => '/anthropic/v1/messages',
    models: claude,
  };
  const chatPath = (model: string): string => {
    if (foundry) return `/models/chat/completions?api-version=${isDated(version) ? version : foundryVersion}`;
    if (!isDated(version)) return `/openai/v1/chat/completions${version === 'preview' ? '?api-version=preview' : ''}`;
    const deployment = encodeURIComponent(deployments.deploymentOf(model));
    return `/openai/deployments/${deployment}/chat/completions?api-version=${version}`;
  };
  return { address, surfaces: [{ dialect, chatPath, models: notClaude }, claudeSurface] };
}

/** https://learn.microsoft.com/rest/api/aifoundry/modelinference/ */
const foundryVersion = '2024-05-01-preview';

function isDated(version: string): boolean {
  return /^\d/.test(version);
}

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
