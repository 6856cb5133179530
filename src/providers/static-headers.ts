import { refuseSetting, type Setting } from './setting.ts';

/** Set by the client for each request; a fixed value would break its framing (RFC 9110 section 7.6.1, RFC 9112). */
const framing = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The operator's own headers with lower-case names.
 *
 * @param credentialHeader the header the API key travels in, where there is a key
 * @throws ConfigurationError
 */
export function checkStaticHeaders(
  setting: Setting<Readonly<Record<string, string>>> | undefined,
  credentialHeader: string | undefined,
): Readonly<Record<string, string>> {
  const checked = new Map<string, string>();
  for (const [written, value] of Object.entries(setting?.value ?? {})) {
    const name = written.toLowerCase();
    const at = { value, where: `${setting?.where}.${written}` };
    // RFC 9110 section 5.6.2
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) throw refuseSetting(at, 'is not a header name');
    if (framing.has(name)) throw refuseSetting(at, 'cannot be fixed: it belongs to each single request');
    if (name === credentialHeader) throw refuseSetting(at, 'carries the API key. Use "apiKey"');
    if (checked.has(name)) throw refuseSetting(at, 'is given twice, in different spellings');
    if (!/^[\x20-\x7e]+$/.test(value) || value !== value.trim()) {
      throw refuseSetting(at, 'must be printable ASCII without spaces at its ends');
    }
    checked.set(name, value);
  }
  return Object.fromEntries(checked);
}
