import type { Provider } from './provider.ts';
import { refuseSetting, type Setting } from './setting.ts';

export interface Address {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path prefix without a trailing slash; empty for none. */
  readonly basePath: string;
}

const endpoint = /\/(?:chat\/completions|completions|messages|responses|api\/chat)$/;

/**
 * Where a provider listens. Operators and SDKs disagree whether a base URL ends with the API's version, so both forms
 * are taken: a URL without a path gets the provider's own (`/v1` where none is known), and a version that the
 * endpoint's path repeats is said once.
 *
 * @throws ConfigurationError
 */
export function parseBaseUrl(setting: Setting<string>, provider: Provider): Address {
  const { origin, basePath } = parseAddress(setting);
  return { origin, basePath: withoutRepeatedVersion(basePath === '' ? ownPath(provider) : basePath, provider) };
}

/**
 * A base URL as it stands.
 *
 * @throws ConfigurationError
 */
export function parseAddress(setting: Setting<string>): Address {
  const url = URL.parse(setting.value.trim());
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw refuseSetting(setting, 'must be a URL with http:// or https://, such as "https://api.example.com/v1"');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuseSetting(setting, 'must not contain credentials. Put them into the API key, or into "headers"');
  }
  if (setting.value.includes('?') || setting.value.includes('#')) {
    throw refuseSetting(setting, 'must not have a query or a fragment');
  }
  const path = trimSlashes(url.pathname);
  const ending = endpoint.exec(path)?.[0];
  if (ending !== undefined) throw refuseSetting(setting, `must end before the endpoint: leave out "${ending}"`);
  return { origin: url.origin, basePath: path };
}

function ownPath(provider: Provider): string {
  return provider.baseUrl === undefined ? '/v1' : trimSlashes(new URL(provider.baseUrl).pathname);
}

/** Ollama has both: `/api` for what is its own, `/v1` for what is OpenAI's. */
function withoutRepeatedVersion(path: string, provider: Provider): string {
  const repeated = [provider.chatPath('any', false), provider.modelsPath ?? '']
    .map((own) => `/${own.split('/')[1] ?? ''}`)
    .find((first) => /^\/(?:v\d|api$)/.test(first) && path.endsWith(first));
  return repeated === undefined ? path : path.slice(0, -repeated.length);
}

function trimSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}
