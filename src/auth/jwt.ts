import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTPayload, jwtVerify } from 'jose';
import { isJsonObject } from '../core/json.ts';
import type { Runtime } from '../core/runtime.ts';
import type { ResolvedJwtOptions } from './jwt-options.ts';
import type { Lookup } from './key-directory.ts';
import { type KeyRecord, keyRecord } from './key-record.ts';
import { isName } from './key-terms.ts';

/** Tells who a token belongs to. */
export type TokenReader = (token: string) => Promise<Lookup>;

/** Longer tokens are not looked at. */
const maxTokenLength = 8192;
/** Bytes; a provider publishes a few keys. */
const maxAnswerLength = 256 * 1024;
/** Milliseconds for which published keys are taken as they are. */
const keysMaxAge = 600_000;
/** Milliseconds between two questions for a key that is not among them. */
const keysCooldown = 30_000;

/** `header.payload.signature` with a header that begins as every JSON object in base64url does: RFC 7515, section 7.1. */
export function isToken(credential: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(credential) && credential.length <= maxTokenLength;
}

export interface TokenSources {
  readonly fetch: typeof globalThis.fetch;
  readonly runtime: Pick<Runtime, 'wallTime'>;
  /** The published keys could not be had. */
  readonly onFault: (thrown: unknown) => void;
}

export function tokenReader(options: ResolvedJwtOptions, sources: TokenSources): TokenReader {
  const publishedKeys = createRemoteJWKSet(options.jwksUrl, {
    timeoutDuration: options.timeoutMs,
    cacheMaxAge: keysMaxAge,
    cooldownDuration: keysCooldown,
    [customFetch]: boundedFetch(sources.fetch),
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, publishedKeys, {
        issuer: [...options.issuer],
        audience: [...options.audience],
        algorithms: [...options.algorithms],
        clockTolerance: options.clockToleranceMs / 1000,
        currentDate: new Date(sources.runtime.wallTime()),
        requiredClaims: ['exp'],
      });
      const record = recordOf(payload, options);
      return record === undefined ? { kind: 'unknown' } : { kind: 'known', record };
    } catch (thrown) {
      if (isRefusal(thrown)) return { kind: 'unknown' };
      sources.onFault(thrown);
      return { kind: 'unavailable' };
    }
  };
}

/** A token that is wrong, as against keys that could not be had. https://github.com/panva/jose/blob/main/docs/util/errors/README.md */
function isRefusal(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  const { code } = thrown;
  return typeof code === 'string' && refusals.test(code);
}

const refusals =
  /^ERR_(?:JWT_|JWS_|JWKS_NO_MATCHING_KEY$|JWKS_MULTIPLE_MATCHING_KEYS$|JOSE_ALG_NOT_ALLOWED$|JOSE_NOT_SUPPORTED$)/;

/** Nobody, when a claim that should name the caller is not there or is no name. */
function recordOf(payload: JWTPayload, { claims, models }: ResolvedJwtOptions): KeyRecord | undefined {
  const named = claims.map(([member, path]) => [member, claimAt(payload, path)] as const);
  if (named.some(([, value]) => value === undefined)) return undefined;
  const { user, ...rest }: Partial<Record<string, string>> = Object.fromEntries(named);
  if (user === undefined) return undefined;
  return keyRecord(`jwt:${user}`, { user, ...rest, models: models === undefined ? undefined : [...models] });
}

function claimAt(payload: JWTPayload, path: readonly string[]): string | undefined {
  let value: unknown = payload;
  for (const step of path) value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return typeof value === 'string' && value !== '' && isName(value) ? value : undefined;
}

/** Reads no more of an answer than keys can be long. */
function boundedFetch(send: typeof globalThis.fetch): FetchImplementation {
  return async (url, options) => {
    const response = await send(url, options);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > maxAnswerLength) throw new TypeError('The published keys are longer than keys can be.');
      parts.push(part);
    }
    return new Response(Buffer.concat(parts), { status: response.status });
  };
}
