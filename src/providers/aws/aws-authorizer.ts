import { CredentialCache, type Expiring } from '../credential-cache.ts';
import type { AuthorizedRequest, Authorizer, CredentialHeaders } from '../provider.ts';
import { type AwsCredentials, signRequest } from './sign-request.ts';

export interface AwsAuthorizerOptions {
  readonly region: string;
  readonly service: string;
  readonly source: AwsCredentialSource;
}

export type AwsCredentialSource = () => Promise<Expiring<AwsCredentials>>;

/**
 * What AWS says of credentials that are no longer good. A wrong signature and a missing permission are not among them:
 * other credentials of the same identity would fare no better.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
const staleCredentials = /^(?:ExpiredToken|UnrecognizedClient|InvalidClientTokenId)/;

/** Signs each request. */
export function awsAuthorizer({ region, service, source }: AwsAuthorizerOptions): Authorizer {
  const cache = new CredentialCache(source);
  const sign = (request: AuthorizedRequest, credentials: AwsCredentials): CredentialHeaders =>
    signRequest(
      {
        method: request.method,
        host: new URL(request.origin).host,
        path: request.path,
        headers: signedHeaders(request.headers),
        body: request.body,
      },
      { credentials, region, service, wallTime: request.wallTime },
    );
  return {
    authorize(request) {
      const credentials = cache.get(request.wallTime);
      return credentials instanceof Promise
        ? credentials.then((arrived) => sign(request, arrived))
        : sign(request, credentials);
    },
    renew: ({ credential, header, wallTime }) =>
      staleCredentials.test(header('x-amzn-errortype') ?? '') &&
      cache.renew(wallTime, ({ accessKeyId, sessionToken }) => {
        const same = credential.authorization?.includes(`Credential=${accessKeyId}/`) === true;
        return same && credential['x-amz-security-token'] === sessionToken;
      }),
    secrets: () =>
      cache
        .values()
        .flatMap(({ accessKeyId, secretAccessKey, sessionToken }) => [
          accessKeyId,
          secretAccessKey,
          ...(sessionToken === undefined ? [] : [sessionToken]),
        ]),
  };
}

/** The content's type and AWS's own headers; what proxies on the way may change stays out of the signature. */
function signedHeaders(headers: readonly string[]): Readonly<Record<string, string>> {
  const signed: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    if (name === 'content-type' || name.startsWith('x-amz')) signed[name] = headers[index + 1] ?? '';
  }
  return signed;
}
