import { z } from 'zod';
import { type Duration, duration } from '../core/units.ts';
import { name } from './key-terms.ts';

/** How tokens of an identity provider are checked, and what they say of a caller. */
export interface JwtOptions {
  /** Where the provider publishes its keys (RFC 7517), e.g. `https://login.example.com/.well-known/jwks.json`. */
  readonly jwksUrl: string;
  /** What `iss` must be; of several, one of them. */
  readonly issuer: string | readonly string[];
  /** What `aud` must name; of several, one of them. */
  readonly audience: string | readonly string[];
  /**
   * Signature algorithms that are taken. `none` and those with a shared secret are never.
   * @default ['RS256', 'ES256', 'EdDSA']
   */
  readonly algorithms?: readonly JwtAlgorithm[];
  /**
   * How far the clocks may be apart.
   * @default '5s'
   */
  readonly clockTolerance?: Duration;
  /** Which claims name the caller: the name of a claim, or the way to one inside objects. */
  readonly claims?: JwtClaims;
  /** Models a token may use, as those of a key. @default every model */
  readonly models?: readonly string[];
  /** How long the provider may take to answer with its keys. @default '2s' */
  readonly timeout?: Duration;
}

export type JwtAlgorithm = (typeof algorithms)[number];

export interface JwtClaims {
  /** @default 'sub' */
  readonly user?: ClaimPath;
  readonly team?: ClaimPath;
  readonly project?: ClaimPath;
  readonly feature?: ClaimPath;
}

export type ClaimPath = string | readonly string[];

// https://www.iana.org/assignments/jose/jose.xhtml#web-signature-encryption-algorithms, those with a public key
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const text = z.string('must be a text').min(1, 'must not be empty');
const oneOrMore = z.union([text, z.array(text).min(1, 'is empty')], 'must be a text or a list of texts');
const path = z.union(
  [text, z.array(text).min(1, 'is empty')],
  'must be the name of a claim, or the way to one as a list',
);

export const jwtSchema = z.strictObject({
  jwksUrl: text.refine(
    isWebAddress,
    'must be an https address (http only on this machine), without a user or password',
  ),
  issuer: oneOrMore,
  audience: oneOrMore,
  algorithms: z
    .array(z.enum(algorithms, `must be one of ${algorithms.join(', ')}`))
    .min(1, 'is empty: no token could be taken')
    .default(['RS256', 'ES256', 'EdDSA']),
  clockTolerance: duration.refine((value) => value <= 300_000, 'must be at most "5m"').default(5_000),
  claims: z
    .strictObject({
      user: path.default('sub'),
      team: path.optional(),
      project: path.optional(),
      feature: path.optional(),
    })
    .prefault({}),
  models: z.array(name).min(1, 'is empty: no model could be used').optional(),
  timeout: duration.refine((value) => value >= 1, 'must be longer').default(2_000),
});

export interface ResolvedJwtOptions {
  readonly jwksUrl: URL;
  readonly issuer: readonly string[];
  readonly audience: readonly string[];
  readonly algorithms: readonly JwtAlgorithm[];
  readonly clockToleranceMs: number;
  /** From a caller's member to the way to its claim. */
  readonly claims: readonly (readonly [member: keyof JwtClaims, path: readonly string[]])[];
  readonly models: readonly string[] | undefined;
  readonly timeoutMs: number;
}

export function resolveJwtOptions(parsed: z.output<typeof jwtSchema>): ResolvedJwtOptions {
  const { user, team, project, feature } = parsed.claims;
  const named = { user, team, project, feature };
  const members = ['user', 'team', 'project', 'feature'] as const;
  return {
    jwksUrl: new URL(parsed.jwksUrl),
    issuer: asList(parsed.issuer),
    audience: asList(parsed.audience),
    algorithms: parsed.algorithms,
    clockToleranceMs: parsed.clockTolerance,
    claims: members.flatMap((member) => {
      const way = named[member];
      return way === undefined ? [] : [[member, asList(way)] as const];
    }),
    models: parsed.models,
    timeoutMs: Math.round(parsed.timeout),
  };
}

function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
}
