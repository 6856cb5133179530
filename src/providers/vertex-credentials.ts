import { ConfigurationError } from '../core/errors.ts';
import { asString, type JsonObject, parseObject } from '../core/json.ts';
import { type AccessTokenSource, tokenAuthorizer } from './access-token.ts';
import type { ConnectorEntry } from './connector.ts';
import { requirePackage } from './optional-package.ts';
import type { Authorizer } from './provider.ts';
import { refuseSetting } from './setting.ts';
import type { ParsedVertexOptions } from './vertex-options.ts';

/** Options that say as whom requests are made; one of them at most. */
const identities = ['accessToken', 'credentials'] as const;

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
const scope = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * As whom an entry makes its requests; `undefined` where it has a token of its own among its keys.
 *
 * @throws ConfigurationError for options that contradict each other, or a package that is missing
 */
export function vertexAuthorizer(entry: ConnectorEntry, options: ParsedVertexOptions): Authorizer | undefined {
  const { where, apiKeys } = entry;
  const [first, second] = identities.filter((option) => options[option] !== undefined);
  if (first !== undefined && second !== undefined) {
    throw new ConfigurationError(`${where}: "${first}" and "${second}" are both given. Leave one out.`);
  }
  if (first !== undefined && apiKeys?.where.startsWith(`${where}.`)) {
    throw refuseSetting(apiKeys, `and "${first}" are both given. Leave one out`);
  }
  if (options.accessToken !== undefined) return tokenAuthorizer(options.accessToken);
  if (first === undefined && apiKeys !== undefined) return undefined;
  requirePackage(where, {
    name: 'google-auth-library',
    purpose: 'gets its access tokens from Google',
    instead: 'set VERTEX_ACCESS_TOKEN, or give the option "accessToken"',
  });
  return tokenAuthorizer(googleTokens(serviceAccount(where, options)));
}

export interface ServiceAccount {
  readonly client_email: string;
  readonly private_key: string;
  readonly project_id?: string;
}

/** @throws ConfigurationError when the option is there and is no key of a service account. Nothing of it is repeated. */
export function serviceAccount(where: string, { credentials }: ParsedVertexOptions): ServiceAccount | undefined {
  if (credentials === undefined) return undefined;
  const key: JsonObject | Readonly<Record<string, unknown>> =
    typeof credentials === 'string' ? (parseObject(credentials) ?? {}) : credentials;
  const email = asString(key.client_email);
  const privateKey = asString(key.private_key);
  const project = asString(key.project_id);
  if (email === undefined || privateKey === undefined) {
    throw new ConfigurationError(
      `${where}.credentials must be the JSON of a service account's key, with "client_email" and "private_key". Other kinds are read from the file that GOOGLE_APPLICATION_CREDENTIALS names.`,
    );
  }
  return { client_email: email, private_key: privateKey, ...(project !== undefined && { project_id: project }) };
}

/** Asked anew each time: the library would hand out again a token that was just refused. */
function googleTokens(account: ServiceAccount | undefined): AccessTokenSource {
  return async () => {
    const { GoogleAuth, JWT } = await import('google-auth-library');
    const client =
      account === undefined
        ? await new GoogleAuth({ scopes: scope }).getClient()
        : new JWT({ email: account.client_email, key: account.private_key, scopes: [scope] });
    const { token } = await client.getAccessToken();
    const expiresAt = client.credentials.expiry_date;
    if (expiresAt === undefined || expiresAt === null) return token ?? '';
    return { token: token ?? '', expiresAt };
  };
}
