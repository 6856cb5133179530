import { z } from 'zod';
import { type AccessTokenSource, accessTokenSource } from './access-token.ts';
import type { ProviderOptions } from './options.ts';

/**
 * Gemini and Claude on Google Cloud's Vertex AI. One of `apiKey` (an access token that stays as it is), `accessToken`
 * and `credentials` says as whom; without any of them it is who the machine is.
 */
export interface VertexOptions extends ProviderOptions {
  /**
   * Id of the project that is billed.
   * @default VERTEX_PROJECT, else GOOGLE_CLOUD_PROJECT, else the project of `credentials`
   */
  readonly project?: string;
  /**
   * A region (`europe-west1`), `us` or `eu` for several regions of a continent, or `global`.
   * @default VERTEX_LOCATION, else GOOGLE_CLOUD_LOCATION, else 'global'
   */
  readonly location?: string;
  /** Gives an OAuth access token with the scope `https://www.googleapis.com/auth/cloud-platform`. In code only. */
  readonly accessToken?: AccessTokenSource;
  /**
   * The key of a service account: the object that its JSON file holds, or that text. Needs the package
   * `google-auth-library`.
   * @default a fixed token in VERTEX_ACCESS_TOKEN, else Google's application default credentials
   * (GOOGLE_APPLICATION_CREDENTIALS, gcloud, workload identity, the machine's own service account)
   */
  readonly credentials?: string | Readonly<Record<string, unknown>>;
}

const text = z.string('must be a text').optional();

export const vertexOptions = {
  project: text,
  location: text,
  accessToken: accessTokenSource.optional(),
  credentials: z
    .union([z.string(), z.record(z.string(), z.unknown())], 'must be the JSON of a service account\u0027s key')
    .optional(),
};

export type ParsedVertexOptions = z.output<z.ZodObject<typeof vertexOptions>>;
