import { GatewayError } from '../core/errors.ts';
import { inboundOf } from '../core/inbound.ts';
import { decodeLeniently, isPassedOn } from './path-family.ts';

/** A caller's path, taken apart. */
export interface RequestPath {
  /** From `/providers/{name}/...`. */
  readonly provider: string | undefined;
  /** `v1`, `v1beta`; `undefined` when the path has none. */
  readonly version: string | undefined;
  /** Without provider and version. */
  readonly path: string;
  /** Without its question mark and without credentials. */
  readonly query: string;
}

const prefix = '/providers/';
/** Query parameters in which vendors' clients put a key: it is the caller's for the gateway, and nobody else's. */
const credentials: ReadonlySet<string> = new Set(['key', 'api_key', 'api-key', 'apikey', 'access_token', 'token']);
const longestPath = 4096;

/** Whether the path looks like one that is passed on. Says nothing of whether it may be. */
export function looksPassable(url: string, paths: readonly string[]): boolean {
  if (url.startsWith(prefix)) return true;
  const { path } = splitVersion(url.split('?', 1)[0] ?? '');
  return isPassedOn(path, paths) && !isOurs(url);
}

/**
 * Takes a request target apart. Two servers must never read it in two ways, so what only a trick has need of is refused
 * rather than cleaned up: dot segments, empty segments, backslashes, encoded slashes and dots.
 *
 * @throws GatewayError `invalid_request` or `not_found`
 */
export function readRequestPath(url: string, paths: readonly string[]): RequestPath {
  if (url.length > longestPath) throw invalid('is too long');
  // Printable ASCII is all a request target may hold (RFC 9112, section 3.2); a fragment is never sent.
  if (!/^\/[\x21-\x7e]*$/.test(url) || url.includes('#')) throw invalid('must begin with a slash and be plain ASCII');
  const mark = url.indexOf('?');
  const whole = mark === -1 ? url : url.slice(0, mark);
  checkSegments(whole);
  const { provider, rest } = splitProvider(whole);
  const { version, path } = splitVersion(rest);
  if (isOurs(rest)) {
    throw new GatewayError('not_found', {
      message: 'The gateway serves this path itself, without a provider in front; it is not passed on.',
    });
  }
  if (!isPassedOn(path, paths)) {
    throw new GatewayError('not_found', { message: 'This path is not among those that the gateway passes on.' });
  }
  return { provider, version, path, query: mark === -1 ? '' : withoutCredentials(url.slice(mark + 1)) };
}

function checkSegments(path: string): void {
  if (/[\\;]/.test(path)) throw invalid('must not hold backslashes or semicolons');
  const segments = path.slice(1).split('/');
  // One slash at the end is a habit of some clients.
  if (segments.slice(0, -1).includes('')) throw invalid('must not hold empty segments');
  for (const segment of segments) {
    const decoded = decodedOnce(segment);
    // An encoded percent sign is how a second decoding would be smuggled in.
    if (/[/\\%\p{Cc}]/u.test(decoded))
      throw invalid('must not hold encoded slashes, percent signs or control characters');
    if (/^\.+$/.test(decoded) || /%2e/i.test(segment)) throw invalid('must not hold dot segments');
  }
}

function decodedOnce(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('has a percent sign that encodes nothing');
  }
}

function splitProvider(path: string): { readonly provider: string | undefined; readonly rest: string } {
  if (!path.startsWith(prefix)) return { provider: undefined, rest: path };
  const end = path.indexOf('/', prefix.length);
  if (end === -1) throw new GatewayError('not_found', { message: 'A path of the provider must follow its name.' });
  return { provider: decodeURIComponent(path.slice(prefix.length, end)), rest: path.slice(end) };
}

/** Groq's own client puts `/openai/v1` in front, Azure's `/openai`. */
function splitVersion(path: string): { readonly version: string | undefined; readonly path: string } {
  const found = /^(?:\/openai(?=\/))?(?:\/(v\d[a-z0-9]*)(?=\/))?/.exec(path);
  const bare = path.slice(found?.[0].length ?? 0);
  return { version: found?.[1], path: bare.length > 1 && bare.endsWith('/') ? bare.slice(0, -1) : bare };
}

/** Also as somebody would spell it who wants to get around the gateway's own handling. */
function isOurs(path: string): boolean {
  const plain = decodeLeniently(path.split('?', 1)[0] ?? '');
  return inboundOf(plain).operation !== 'other' || inboundOf(plain.toLowerCase()).operation !== 'other';
}

function withoutCredentials(query: string): string {
  return query
    .split('&')
    .filter(
      (pair) => !credentials.has(decodeLeniently((pair.split('=', 1)[0] ?? '').replaceAll('+', ' ')).toLowerCase()),
    )
    .join('&');
}

function invalid(rule: string): GatewayError {
  return new GatewayError('invalid_request', { message: `The path ${rule}.` });
}
