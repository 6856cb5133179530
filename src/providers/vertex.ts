import { anthropicMessages } from '../dialects/anthropic-messages/index.ts';
import { gemini } from '../dialects/gemini/index.ts';
import { parseAddress } from './base-url.ts';
import { type ConnectorEntry, defineConnector, missingSetting, type OwnSetting, readOwnSetting } from './connector.ts';
import { googleImages } from './google-images.ts';
import type { Provider } from './provider.ts';
import { readVariable, refuseSetting } from './setting.ts';
import type { ChatSurface } from './surface.ts';
import { serviceAccount, vertexAuthorizer } from './vertex-credentials.ts';
import { vertexEmbeddings } from './vertex-embeddings.ts';
import { type ParsedVertexOptions, vertexOptions } from './vertex-options.ts';

const geminiSurface: ChatSurface = {
  // https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/projects.locations.publishers.models/generateContent
  dialect: gemini({ requestFields: ['labels', 'modelArmorConfig'] }),
  chatPath: (model, stream) => modelPath('google', model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
  models: /^(?!claude)/,
};

const claudeSurface: ChatSurface = {
  // https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
  dialect: anthropicMessages({ bodyVersion: 'vertex-2023-10-16', urlSources: 'refused' }),
  chatPath: (model, stream) => modelPath('anthropic', model, stream ? 'streamRawPredict' : 'rawPredict'),
  models: /^claude/,
};

/** Google Cloud's Vertex AI: the models of Google AI Studio and Anthropic's under Google's addresses and credentials. */
export const vertex: Provider = {
  name: 'vertex',
  aliases: ['vertex-ai', 'google-vertex'],
  label: 'Google Vertex AI',
  dialect: geminiSurface.dialect,
  chatPath: geminiSurface.chatPath,
  chatModels: /^(?!claude)/,
  otherSurfaces: [claudeSurface],
  // https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
  embeddings: vertexEmbeddings((model) => `/publishers/google/models/${encodeURIComponent(model)}`),
  images: googleImages((model) => `/publishers/google/models/${encodeURIComponent(model)}`),
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['VERTEX_ACCESS_TOKEN'], baseUrl: 'VERTEX_BASE_URL' },
  connector: defineConnector({
    options: vertexOptions,
    // GOOGLE_CLOUD_PROJECT alone is on every machine of Google's.
    isMeant: (environment) =>
      ['VERTEX_ACCESS_TOKEN', 'VERTEX_PROJECT', 'VERTEX_BASE_URL'].some((name) => readVariable(environment, name)) ||
      readVariable(environment, 'GOOGLE_GENAI_USE_VERTEXAI')?.value.toLowerCase() === 'true',
    connect(entry, options) {
      const location = readLocation(entry, options);
      const project = readProject(entry, options);
      const baseUrl = entry.baseUrl ?? { value: `https://${hostOf(location)}`, where: entry.where };
      const { origin, basePath } = parseAddress(baseUrl);
      const authorizer = vertexAuthorizer(entry, options);
      return {
        address: {
          origin,
          basePath: `${basePath.replace(/\/v1$/, '')}/v1/projects/${project}/locations/${location}`,
        },
        surfaces: [geminiSurface, claudeSurface],
        ...(authorizer !== undefined && { authorizer }),
      };
    },
  }),
  modelsPath: '/publishers/google/models',
  reference: 'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference',
};

function modelPath(publisher: string, model: string, method: string): string {
  return `/publishers/${publisher}/models/${encodeURIComponent(model)}:${method}`;
}

function readProject(entry: ConnectorEntry, options: ParsedVertexOptions): string {
  const { where, environment, machine } = entry;
  const own: OwnSetting = { option: 'project', written: options.project, variables: ['VERTEX_PROJECT'] };
  const ofMachine: OwnSetting = { ...own, written: undefined, variables: ['GOOGLE_CLOUD_PROJECT'] };
  const ofAccount: OwnSetting = {
    option: 'credentials',
    written: serviceAccount(where, options)?.project_id,
    variables: [],
  };
  const setting =
    readOwnSetting(where, own, environment) ??
    readOwnSetting(where, ofAccount, environment) ??
    readOwnSetting(where, ofMachine, machine);
  if (setting === undefined) throw missingSetting(where, own, 'project');
  // Ids of old projects have a domain in front: `example.com:my-project`.
  if (/^[a-z0-9][a-z0-9.:-]{2,}$/.test(setting.value)) return setting.value;
  throw refuseSetting(setting, 'must be the id of a project');
}

function readLocation({ where, environment, machine }: ConnectorEntry, { location }: ParsedVertexOptions): string {
  const own: OwnSetting = { option: 'location', written: location, variables: ['VERTEX_LOCATION'] };
  const ofMachine: OwnSetting = { ...own, written: undefined, variables: ['GOOGLE_CLOUD_LOCATION'] };
  const setting = readOwnSetting(where, own, environment) ?? readOwnSetting(where, ofMachine, machine);
  if (setting === undefined) return 'global';
  if (/^(?:global|us|eu|[a-z]+-[a-z]+\d+)$/.test(setting.value)) return setting.value;
  throw refuseSetting(setting, 'must be a region such as "europe-west1", or "us", "eu" or "global"');
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations */
function hostOf(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com';
  if (location === 'us' || location === 'eu') return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}
