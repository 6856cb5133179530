import { createHash, createHmac } from 'node:crypto';

/** What a request is signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** A request as it will be sent. */
export interface UnsignedRequest {
  readonly method: string;
  /** Host, with the port where it is not the scheme's own. */
  readonly host: string;
  /** Path and query, percent-encoded as they are sent. */
  readonly path: string;
  /** Further headers to cover by the signature. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface SigningContext {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** `bedrock` for the runtime of Bedrock. */
  readonly service: string;
  /** Milliseconds since 1970. AWS takes a difference of five minutes. */
  readonly wallTime: number;
}

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * Signature Version 4: the headers that have to be added to the request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signRequest(request: UnsignedRequest, context: SigningContext): Readonly<Record<string, string>> {
  const { credentials, region, service, wallTime } = context;
  const time = new Date(wallTime).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const date = time.slice(0, 8);
  const added = {
    'x-amz-date': time,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const headers = Object.entries({ ...request.headers, host: request.host, ...added }).sort(byName);
  const signedHeaders = headers.map(([name]) => name).join(';');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = [algorithm, time, scope, sha256(canonicalRequest(request, headers, signedHeaders))].join('\n');
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${credentials.secretAccessKey}`, date));
  const signature = hmac(key, text).toString('hex');
  const credential = `${credentials.accessKeyId}/${scope}`;
  return {
    ...added,
    authorization: `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  };
}

type Header = readonly [name: string, value: string];

function canonicalRequest(
  { method, path, body }: UnsignedRequest,
  headers: readonly Header[],
  signedHeaders: string,
): string {
  const mark = path.indexOf('?');
  const plain = mark === -1 ? path : path.slice(0, mark);
  const query = mark === -1 ? '' : path.slice(mark + 1);
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}\n`).join('');
  return [method, canonicalPath(plain), canonicalQuery(query), lines, signedHeaders, sha256(body)].join('\n');
}

/** All services but S3 take the path as it is sent and encode it once more: the colon of a model's id becomes `%253A`. */
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair): Header => {
    const [name = '', ...value] = pair.split('=');
    return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value.join('=')))];
  });
  const sorted = pairs.sort((a, b) => byName(a, b) || compare(a[1], b[1]));
  return sorted.map(([name, value]) => `${name}=${value}`).join('&');
}

/** Everything but the unreserved characters of RFC 3986. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function byName(a: Header, b: Header): number {
  return compare(a[0], b[0]);
}

/** By code point: what stands here is ASCII. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
