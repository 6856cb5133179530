import type { ProviderInstance } from '../providers/provider.ts';
import type { RequestPath } from './request-path.ts';

/**
 * The path at the provider, always below its base path. Some base URLs end with the API's version (`/v1`), other APIs
 * have it in each path; a caller may have written it or not.
 */
export function upstreamPath(instance: ProviderInstance, { version, path, query }: RequestPath): string {
  const search = query === '' ? '' : `?${query}`;
  return instance.basePath + versionInPath(instance, version, path) + path + search;
}

function versionInPath({ basePath, provider }: ProviderInstance, version: string | undefined, path: string): string {
  // Google's uploads and WebSockets carry the version further down.
  if (version === undefined && /^\/(?:upload|download|ws)\//.test(path)) return '';
  const own = /^\/(v\d[a-z0-9]*)\//.exec(provider.chatPath('any', false))?.[1];
  if (own !== undefined) return `/${version ?? own}`;
  if (version === undefined) return '';
  const said = basePath.endsWith(`/${version}`) || (basePath !== '' && version === 'v1');
  return said ? '' : `/${version}`;
}
