import { ConfigurationError } from '../../core/errors.ts';
import type { AwsCredentialProvider, ParsedBedrockOptions } from '../bedrock-options.ts';
import type { ConnectorEntry } from '../connector.ts';
import type { Expiring } from '../credential-cache.ts';
import { requirePackage } from '../optional-package.ts';
import { readVariable } from '../setting.ts';
import type { AwsCredentialSource } from './aws-authorizer.ts';
import type { AwsCredentials } from './sign-request.ts';

/** Options that say as whom requests are made; one of them at most. */
const identities = ['accessKeyId', 'credentials', 'profile'] as const;

/**
 * Where an entry's credentials come from: its options, else the machine's variables, else the chain of the AWS SDK.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 *
 * @throws ConfigurationError for options that contradict each other or are half there
 */
export function awsCredentials(entry: ConnectorEntry, options: ParsedBedrockOptions): AwsCredentialSource {
  const { where, machine } = entry;
  const [first, second] = identities.filter((option) => options[option] !== undefined);
  if (first !== undefined && second !== undefined) {
    throw new ConfigurationError(`${where}: "${first}" and "${second}" are both given. Leave one out.`);
  }
  const written = fixedCredentials(options, {
    id: `${where}.accessKeyId`,
    secret: `${where}.secretAccessKey`,
    token: `${where}.sessionToken`,
  });
  if (written !== undefined) return fixed(written);
  if (options.credentials !== undefined) return fromProvider(options.credentials);
  if (options.profile === undefined) {
    const found = fixedCredentials(readVariables(machine), variableNames);
    if (found !== undefined) return fixed(found);
  }
  requirePackage(where, {
    name: '@aws-sdk/credential-providers',
    purpose: 'has no credentials of its own and takes them from the AWS chain',
    instead: 'set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  });
  return fromChain(options.profile);
}

interface Written {
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
}

interface Names {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
}

const variableNames: Names = {
  id: 'AWS_ACCESS_KEY_ID',
  secret: 'AWS_SECRET_ACCESS_KEY',
  token: 'AWS_SESSION_TOKEN',
};

function readVariables(machine: ConnectorEntry['machine']): Written {
  return {
    accessKeyId: readVariable(machine, variableNames.id)?.value,
    secretAccessKey: readVariable(machine, variableNames.secret)?.value,
    sessionToken: readVariable(machine, variableNames.token)?.value,
  };
}

function fixedCredentials(written: Written, names: Names): AwsCredentials | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = written;
  if (accessKeyId === undefined && secretAccessKey === undefined) {
    if (sessionToken === undefined) return undefined;
    throw new ConfigurationError(
      `${names.token} is given, but ${names.id} and ${names.secret} are not. Give them too.`,
    );
  }
  if (accessKeyId === undefined) throw half(names.secret, names.id);
  if (secretAccessKey === undefined) throw half(names.id, names.secret);
  for (const [where, value] of [
    [names.id, accessKeyId],
    [names.secret, secretAccessKey],
    [names.token, sessionToken ?? 'none'],
  ]) {
    // They stand in headers, or take part in a signature that a line break from a file would spoil.
    if (!/^[\x21-\x7e]+$/.test(value ?? '')) {
      throw new ConfigurationError(`${where} is empty, or has a space, a line break or a letter outside ASCII in it.`);
    }
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

function half(present: string, missing: string): ConfigurationError {
  return new ConfigurationError(`${present} is given, but ${missing} is not. Give both, or neither.`);
}

function fixed(credentials: AwsCredentials): AwsCredentialSource {
  const forever = { value: credentials, expiresAt: Number.POSITIVE_INFINITY };
  return async () => forever;
}

function fromProvider(provider: AwsCredentialProvider): AwsCredentialSource {
  return async (): Promise<Expiring<AwsCredentials>> => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider();
    return {
      value: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      expiresAt: expiration?.getTime() ?? Number.POSITIVE_INFINITY,
    };
  };
}

/** Read anew each time: the SDK's own chain would hand out again what a provider has just refused. */
function fromChain(profile: string | undefined): AwsCredentialSource {
  return async () => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    return fromProvider(fromNodeProviderChain(profile === undefined ? {} : { profile }))();
  };
}
