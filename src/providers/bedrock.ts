import { bedrockConverse } from '../dialects/bedrock-converse/index.ts';
import { novaEmbeddings } from '../dialects/embeddings/bedrock/nova.ts';
import { titanEmbeddings } from '../dialects/embeddings/bedrock/titan.ts';
import { cohereEmbeddings } from '../dialects/embeddings/cohere/index.ts';
import { awsAuthorizer } from './aws/aws-authorizer.ts';
import { awsCredentials } from './aws/credentials.ts';
import { encode } from './aws/sign-request.ts';
import { parseAddress } from './base-url.ts';
import { bedrockOptions, type ParsedBedrockOptions } from './bedrock-options.ts';
import { type ConnectorEntry, defineConnector, missingSetting, readOwnSetting } from './connector.ts';
import type { Provider } from './provider.ts';
import { readVariable, refuseSetting, type Setting } from './setting.ts';
import type { ChatSurface } from './surface.ts';

const converse: ChatSurface = {
  dialect: bedrockConverse(),
  // Ids have colons (`anthropic.claude-3-haiku-20240307-v1:0`), ARNs slashes too.
  chatPath: (model, stream) => `/model/${encode(model)}/${stream ? 'converse-stream' : 'converse'}`,
};

function invokePath(model: string): string {
  return `/model/${encode(model)}/invoke`;
}

/** Models of many vendors behind AWS's Converse API. */
export const bedrock: Provider = {
  name: 'bedrock',
  aliases: ['aws-bedrock', 'amazon-bedrock'],
  label: 'AWS Bedrock',
  ...converse,
  // https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['AWS_BEARER_TOKEN_BEDROCK'], baseUrl: 'BEDROCK_BASE_URL' },
  models: [
    // `vendor.model`, or an inference profile with regions in front of it.
    // https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html
    /^(?:[a-z]{2,6}(?:-gov)?\.)?(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|mistral|nvidia|openai|qwen|writer|zai)\.[a-z]/,
    /^arn:aws(?:-[a-z-]+)?:bedrock:/,
  ],
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
  embeddings: [
    { format: titanEmbeddings(), models: /titan-embed/, path: invokePath, limits: { inputs: 1 } },
    { format: novaEmbeddings(), models: /nova\S*-embed/, path: invokePath, limits: { inputs: 1 } },
    { format: cohereEmbeddings('bedrock'), models: /cohere\.embed/, path: invokePath, limits: { inputs: 96 } },
  ],
  connector: defineConnector({
    options: bedrockOptions,
    isMeant: (environment) => {
      if (['AWS_BEARER_TOKEN_BEDROCK', 'BEDROCK_BASE_URL'].some((name) => readVariable(environment, name))) return true;
      // Machines have these for all sorts of reasons: one without the others says nothing of Bedrock.
      const region = readOwnSetting('', { ...regionSetting, written: undefined }, environment);
      return (
        ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].every((name) => readVariable(environment, name)) && !!region
      );
    },
    connect(entry, options) {
      const region = readRegion(entry, options);
      const baseUrl = entry.baseUrl ?? {
        value: `https://bedrock-runtime.${region}.${domainOf(region)}`,
        where: entry.where,
      };
      const address = parseAddress(baseUrl);
      const signs = entry.apiKeys === undefined || ownIdentity(options) !== undefined;
      if (!signs) return { address, surfaces: [converse] };
      if (entry.apiKeys?.where.startsWith(`${entry.where}.`)) {
        throw refuseSetting(entry.apiKeys, `and "${ownIdentity(options)}" are both given. Leave one out`);
      }
      const source = awsCredentials(entry, options);
      return { address, surfaces: [converse], authorizer: awsAuthorizer({ region, service: 'bedrock', source }) };
    },
  }),
  modelsPath: '/foundation-models',
  reference: 'https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html',
};

const regionSetting = { option: 'region', variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'] };

function readRegion(entry: ConnectorEntry, { region }: ParsedBedrockOptions): string {
  const setting = readOwnSetting(entry.where, { ...regionSetting, written: region }, entry.machine);
  if (setting === undefined) throw missingSetting(entry.where, { ...regionSetting, written: region }, 'region');
  return checkRegion(setting);
}

/** It becomes part of a host's name. */
function checkRegion(setting: Setting<string>): string {
  if (/^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(setting.value)) return setting.value;
  throw refuseSetting(setting, 'must be a region such as "eu-west-1"');
}

/** https://docs.aws.amazon.com/general/latest/gr/rande.html */
function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

function ownIdentity(options: ParsedBedrockOptions): string | undefined {
  return (['accessKeyId', 'secretAccessKey', 'credentials', 'profile'] as const).find(
    (option) => options[option] !== undefined,
  );
}
