import { bearerToken } from '../bearer-token.ts';
import type { Refusal, WireRequest } from '../personality.ts';

/** Deployments in the path, the API without versions, and Foundry's: https://learn.microsoft.com/azure/ai-foundry/openai/latest */
const paths = /^\/(?:openai\/deployments\/([^/]+)|openai\/v1|models)\/chat\/completions$/;

/** What Azure's paths say of a request; `undefined` for OpenAI's own. */
export function azurePath({ path }: WireRequest): { readonly deployment: string | undefined } | undefined {
  const match = paths.exec(path);
  return match === null ? undefined : { deployment: match[1] === undefined ? undefined : decode(match[1]) };
}

/** Whether a request of any kind came by one of Azure's paths. */
export function isAzure({ path }: WireRequest): boolean {
  return path.startsWith('/openai/') || path.startsWith('/models/');
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // A lone percent sign: the name is taken as it stands.
    return name;
  }
}

/** All but the API under `/openai/v1` want a version. */
export function refuseAzureVersion(request: WireRequest): Refusal | undefined {
  const azure = azurePath(request);
  const versioned = azure !== undefined && !request.path.startsWith('/openai/v1/');
  if (!versioned || /^\d{4}-\d{2}-\d{2}(?:-preview)?$/.test(request.query.get('api-version') ?? '')) return undefined;
  return { status: 404, code: '404', message: 'Resource not found' };
}

/** A key travels in `api-key`, a token of Entra ID in `authorization`. */
export function refuseAzureCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  const key = request.headers['api-key'];
  const token = bearerToken(request);
  const given = typeof key === 'string' ? key : token;
  if (given !== undefined && apiKeys.includes(given)) return undefined;
  return {
    status: 401,
    code: '401',
    message:
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  };
}
