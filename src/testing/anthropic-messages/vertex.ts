import type { JsonObject } from '../../core/json.ts';
import { bearerToken } from '../bearer-token.ts';
import type { Refusal, WireRequest } from '../personality.ts';
import { invalid } from './invalid.ts';

/** https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai */
const path =
  /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/([^/]+):(rawPredict|streamRawPredict)$/;

/** What Vertex AI's path says of a request; `undefined` for Anthropic's own. */
export function vertexPath(request: WireRequest): { readonly model: string; readonly stream: boolean } | undefined {
  const match = request.method === 'POST' ? path.exec(request.path) : null;
  if (match === null) return undefined;
  return { model: decode(match[1] ?? ''), stream: match[2] === 'streamRawPredict' };
}

function decode(model: string): string {
  try {
    return decodeURIComponent(model);
  } catch {
    // A lone percent sign: the name is taken as it stands.
    return model;
  }
}

/** The version stands in the body, the model does not. */
export function refuseVertexForm(body: JsonObject): Refusal | undefined {
  if (body.anthropic_version !== 'vertex-2023-10-16') return invalid('anthropic_version: Field required');
  return body.model === undefined ? undefined : invalid('model: Extra inputs are not permitted');
}

/** The body as Anthropic's own API would get it. */
export function inOwnForm({ anthropic_version, ...body }: JsonObject, model: string): JsonObject {
  return { ...body, model };
}

/** Only access tokens are taken here. */
export function refuseVertexCredential(request: WireRequest, tokens: readonly string[]): Refusal | undefined {
  const token = bearerToken(request);
  if (token !== undefined && tokens.includes(token)) return undefined;
  return {
    status: 401,
    type: 'authentication_error',
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  };
}
