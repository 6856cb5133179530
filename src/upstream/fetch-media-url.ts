import { isIP } from 'node:net';
import { isPublicAddress } from './address-policy.ts';

/** A URL that may be fetched once its host's addresses have been looked at, or why it may not. */
export type MediaUrl =
  | { readonly url: URL; readonly host: string; readonly literal: boolean }
  /** In words for the caller. Says nothing of what the gateway can reach. */
  | { readonly refused: string };

/** Longer ones are no addresses of pictures. */
const maxLength = 2048;
/** Names that never leave a network: RFC 6761, RFC 6762, RFC 8375, RFC 9476; those of clouds' metadata services. */
const localName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|test|invalid|arpa|onion|alt)$/;

/**
 * Looks at a caller's URL without any look-up. The parser of the URL standard has by then turned every way of writing
 * an IPv4 address (octal, hexadecimal, one number, full-width digits) into the usual one.
 *
 * https://url.spec.whatwg.org/#concept-ipv4-parser
 */
export function checkMediaUrl(text: string, allowHosts: readonly string[] | undefined): MediaUrl {
  const url = text.length > maxLength || !URL.canParse(text) ? undefined : new URL(text);
  if (url === undefined) return { refused: 'it is not a URL' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { refused: 'only http and https are fetched' };
  if (url.username !== '' || url.password !== '') return { refused: 'it has credentials in it' };
  if (url.port !== '') return { refused: 'only the usual ports are used' };
  const host = url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (allowHosts !== undefined && !allowHosts.some((pattern) => matchesHost(pattern, host))) {
    return { refused: 'its host is not among those the operator allows' };
  }
  if (isIP(host) !== 0) {
    return isPublicAddress(host) ? { url, host, literal: true } : { refused: 'its host is not a public one' };
  }
  // A name without a dot is looked up in the gateway's own domain.
  if (!host.includes('.') || localName.test(host)) return { refused: 'its host is not a public one' };
  return { url, host, literal: false };
}

/** `example.com` is that host alone, `*.example.com` every host below it. */
function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}
