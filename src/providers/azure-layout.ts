import { anthropicMessages } from '../dialects/anthropic-messages/index.ts';
import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiImages } from '../dialects/images/openai/index.ts';
import { openaiChat, openaiParameters } from '../dialects/openai-chat/index.ts';
import { openaiResponses } from '../dialects/openai-responses/index.ts';
import {
  type Deployments,
  dialectForDeployments,
  embeddingsForDeployments,
  imagesForDeployments,
} from './azure-deployments.ts';
import type { Address } from './base-url.ts';
import type { Connection } from './connector.ts';
import type { ChatSurface } from './surface.ts';

/** What Azure's chat completions take: https://learn.microsoft.com/azure/ai-foundry/openai/latest */
const parameters = [
  ...openaiParameters.filter((name) => name !== 'web_search_options'),
  'data_sources',
  'user_security_context',
];

export const azureChat = openaiChat({ parameters });
/** `max_completion_tokens` came with the first reasoning models. */
const chatBefore2024September = openaiChat({ parameters, maxTokensFields: ['max_tokens'], modelRules: [] });

const claude = /^claude/;
const notClaude = /^(?!claude)/;

export interface LayoutOptions {
  /** `v1`, `preview`, or a date. */
  readonly version: string;
  readonly deployments: Deployments;
}

/**
 * Azure lays its API out in three ways: under `/openai/v1`, with deployments in the path where a version is dated, and
 * Foundry's inference API under `/models`, which the base URL then ends in.
 */
export function layOutAzure({ origin, basePath }: Address, options: LayoutOptions): Connection {
  const root = basePath.replace(/\/(?:openai\/v1|openai|models|anthropic)$/, '');
  return {
    address: { origin, basePath: root },
    ...(basePath.endsWith('/models') ? foundryInference(options) : openaiApis(options)),
    models: options.deployments.models,
  };
}

type Reached = Omit<Connection, 'address'>;

/** https://learn.microsoft.com/rest/api/aifoundry/modelinference/ */
function foundryInference({ version, deployments }: LayoutOptions): Reached {
  const query = `?api-version=${isDated(version) ? version : '2024-05-01-preview'}`;
  return {
    surfaces: [
      {
        dialect: dialectForDeployments(azureChat, deployments),
        chatPath: () => `/models/chat/completions${query}`,
        models: notClaude,
      },
      claudeSurface(deployments),
    ],
    embeddings: [
      {
        format: embeddingsForDeployments(openaiEmbeddings(), deployments),
        path: () => `/models/embeddings${query}`,
      },
    ],
    images: [],
  };
}

function openaiApis({ version, deployments }: LayoutOptions): Reached {
  const path = isDated(version) ? deploymentPath(version, deployments) : versionlessPath(version);
  const before = isDated(version) && version < '2024-09';
  const chat: ChatSurface = {
    dialect: dialectForDeployments(before ? chatBefore2024September : azureChat, deployments),
    chatPath: (model) => path(model, '/chat/completions'),
    models: notClaude,
  };
  const responses: ChatSurface = {
    dialect: dialectForDeployments(openaiResponses(), deployments),
    chatPath: (model) => path(model, '/responses'),
    models: notClaude,
  };
  return {
    // The classic API has responses without a deployment in their path, in previews only.
    surfaces: [chat, ...(isDated(version) ? [] : [responses]), claudeSurface(deployments)],
    embeddings: [
      {
        format: embeddingsForDeployments(openaiEmbeddings(), deployments),
        path: (model) => path(model, '/embeddings'),
        // https://learn.microsoft.com/azure/ai-foundry/openai/quotas-limits
        limits: { inputs: 2048, tokens: 300_000 },
      },
    ],
    images: [
      {
        format: imagesForDeployments(openaiImages(), deployments),
        path: (model) => path(model, '/images/generations'),
      },
    ],
  };
}

type PathOf = (model: string, operation: string) => string;

/** https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle */
function versionlessPath(version: string): PathOf {
  const query = version === 'preview' ? '?api-version=preview' : '';
  return (_model, operation) => `/openai/v1${operation}${query}`;
}

/** https://learn.microsoft.com/azure/ai-foundry/openai/reference */
function deploymentPath(version: string, { deploymentOf }: Deployments): PathOf {
  return (model, operation) =>
    `/openai/deployments/${encodeURIComponent(deploymentOf(model))}${operation}?api-version=${version}`;
}

/** https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry */
function claudeSurface(deployments: Deployments): ChatSurface {
  return {
    dialect: dialectForDeployments(anthropicMessages(), deployments),
    chatPath: () => '/anthropic/v1/messages',
    models: claude,
  };
}

function isDated(version: string): boolean {
  return /^\d/.test(version);
}
