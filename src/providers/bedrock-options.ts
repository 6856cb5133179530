import { z } from 'zod';
import type { ProviderOptions } from './options.ts';

/**
 * AWS Bedrock. One of `apiKey`, the three `accessKeyId` options, `credentials` and `profile` says as whom; without any of
 * them it is who the machine is.
 */
export interface BedrockOptions extends ProviderOptions {
  /**
   * The region whose models are asked: `eu-west-1`.
   * @default AWS_REGION, else AWS_DEFAULT_REGION
   */
  readonly region?: string;
  /**
   * A fixed access key, together with `secretAccessKey`.
   * @default AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; without them the AWS chain (profiles, single
   * sign-on, web identity, the container's or the machine's role), which needs the package `@aws-sdk/credential-providers`
   */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Belongs to temporary credentials. They are not renewed: rather give `credentials`, or leave it to the chain. */
  readonly sessionToken?: string;
  /** Gives credentials and is asked again before they end; those of `@aws-sdk/credential-providers` fit. In code only. */
  readonly credentials?: AwsCredentialProvider;
  /** A profile of the AWS configuration files. Needs the package `@aws-sdk/credential-providers`. */
  readonly profile?: string;
}

/** The shape of the AWS SDK's credential providers. */
export type AwsCredentialProvider = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}>;

/** `eu-west-1`, `us-gov-west-1`. */
export const regionForm = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

const text = z.string('must be a text').optional();

export const bedrockOptions = {
  region: z
    .string('must be a region such as "eu-west-1"')
    .regex(regionForm, 'must be a region such as "eu-west-1"')
    .optional(),
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: text,
  credentials: z
    .custom<AwsCredentialProvider>(
      (value) => typeof value === 'function',
      'must be a function that returns credentials',
    )
    .optional(),
  profile: text,
};

export type ParsedBedrockOptions = z.output<z.ZodObject<typeof bedrockOptions>>;
