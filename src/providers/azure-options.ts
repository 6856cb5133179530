import { z } from 'zod';
import { type AccessTokenSource, accessTokenSource } from './access-token.ts';
import type { ProviderOptions } from './options.ts';

/**
 * Azure OpenAI and Microsoft Foundry. `resource` or `baseUrl` says where, `apiKey` or `accessToken` as whom. A model is
 * named by its deployment, unless `deployments` gives it another name.
 */
export interface AzureOptions extends ProviderOptions {
  /**
   * Name of the Azure resource, in place of `baseUrl`: `my-resource` means `https://my-resource.openai.azure.com`.
   * @default the address in AZURE_OPENAI_ENDPOINT or AZURE_OPENAI_BASE_URL
   */
  readonly resource?: string;
  /**
   * `v1` is the API without versions, at `/openai/v1`. A dated one (`2024-10-21`) means the classic API, with the
   * deployment in the path. `preview` is `v1` with what is not yet released.
   * @default AZURE_OPENAI_API_VERSION, else OPENAI_API_VERSION, else 'v1'
   */
  readonly apiVersion?: string;
  /**
   * Deployments by the model that runs there: `{ gpt-4o: my-deployment }`. Callers may use the model's name alone, and the
   * gateway knows what the model takes, which the name of a deployment does not tell. Other deployments are reached by
   * `azure/their-name`.
   * @default AZURE_OPENAI_DEPLOYMENTS, written as `gpt-4o=my-deployment,o3=other`
   */
  readonly deployments?: Readonly<Record<string, string>>;
  /**
   * Gives a token of Microsoft Entra ID in place of a key, e.g. `getBearerTokenProvider(new DefaultAzureCredential(),
   * 'https://cognitiveservices.azure.com/.default')` of `@azure/identity`. In code only.
   * @default a fixed token in AZURE_OPENAI_AD_TOKEN
   */
  readonly accessToken?: AccessTokenSource;
}

const versionForm = 'must be "v1", "preview" or a date such as "2024-10-21"';

/** The versions there are: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle */
export const apiVersion = z
  .string(versionForm)
  .regex(/^(?:v1|preview|latest|\d{4}-\d{2}-\d{2}(?:-preview)?)$/, versionForm);

/** It becomes part of a host's name. */
export const resourceName = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/;

export const azureOptions = {
  resource: z
    .string('must be the name of a resource')
    .regex(resourceName, 'must be the name of a resource, without its domain')
    .optional(),
  apiVersion: apiVersion.optional(),
  deployments: z
    .record(
      z.string(),
      z.string('must be the name of a deployment'),
      'must be an object such as { "gpt-4o": "my-deployment" }',
    )
    .optional(),
  accessToken: accessTokenSource.optional(),
};

export type ParsedAzureOptions = z.output<z.ZodObject<typeof azureOptions>>;
