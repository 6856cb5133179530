import { permittedTargets } from '../attempt/permitted-targets.ts';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { modelNameProblem } from '../providers/model-name.ts';
import type { Planner } from '../providers/planner.ts';
import type { ProviderInstance, Target } from '../providers/provider.ts';
import { targetAt } from '../providers/target.ts';
import type { KeyRing, TakenKey } from '../routing/key-ring.ts';
import { chooseInstance } from './choose-instance.ts';
import type { ResolvedPassThroughSettings } from './options.ts';
import { dialectsOfPath, familyName } from './path-family.ts';
import { type RequestPath, readRequestPath } from './request-path.ts';
import { upstreamPath } from './upstream-path.ts';

/** The request header that names the provider. */
export const providerHeader = 'x-gateway-provider';

const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const withBody: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** What calls are planned with. */
export interface PassagePlanner {
  readonly planner: Planner;
  /** Those that may be reached. */
  readonly instances: readonly ProviderInstance[];
  readonly settings: ResolvedPassThroughSettings;
  /** Absent for a server that takes no key. */
  keysOf(instance: ProviderInstance): KeyRing | undefined;
}

/** Where a call goes. */
export interface PassagePlan {
  readonly target: Target;
  /** Path and query at the provider. */
  readonly path: string;
  readonly key: TakenKey | undefined;
}

/**
 * Decides where a request goes and whether it may.
 *
 * @param url path and query below the mount point
 * @throws GatewayError when it may not
 */
export function planPassage(call: Call, url: string, service: PassagePlanner): PassagePlan {
  checkMethod(call);
  checkCaller(call, service.settings);
  checkLength(call, service.settings);
  const request = readRequestPath(url, service.settings.paths);
  const target = chooseTarget(call, request, service);
  permittedTargets(call, [target]);
  const path = upstreamPath(target.instance, { ...request, query: withModel(request.query, target.model) });
  return { target, path, key: takeKey(service.keysOf(target.instance)) };
}

function checkMethod({ head: { method, headers } }: Call): void {
  if (!methods.includes(method))
    throw new GatewayError('method_not_allowed', { headers: { allow: methods.join(', ') } });
  // Node sends such a body without saying where it ends, and the provider would read it as a request of its own.
  if (headers['transfer-encoding'] !== undefined && !withBody.includes(method)) {
    throw new GatewayError('invalid_headers', {
      message: `A chunked body with ${method} is not passed on.`,
      headers: { connection: 'close' },
    });
  }
}

function checkCaller(call: Call, { anonymous }: ResolvedPassThroughSettings): void {
  if (anonymous === 'allow' || call.capabilities.some(({ name }) => name === 'auth')) return;
  throw new GatewayError('wrong_mount', {
    message: '`passThrough` has no `auth` in front. Mount `auth` before it, or set `anonymous: "allow"`.',
  });
}

function checkLength({ head: { headers } }: Call, { maxUpload }: ResolvedPassThroughSettings): void {
  if (Number(headers['content-length'] ?? 0) > maxUpload) {
    throw new GatewayError('request_too_large', { headers: { connection: 'close' } });
  }
}

/** By its model where the query names one, as a WebSocket's does; else by the path, under the name that rights know it by. */
function chooseTarget(call: Call, request: RequestPath, { planner, instances }: PassagePlanner): Target {
  const named = request.provider ?? call.header(providerHeader);
  const model = new URLSearchParams(request.query).get('model') ?? undefined;
  call.requestedModel = model;
  if (model !== undefined && named === undefined) {
    const targets = planner.plan(model, []).flatMap((link) => link.targets);
    const reachable = targets.find(({ instance }) => instances.includes(instance) && instance.authorizer === undefined);
    if (reachable !== undefined) return reachable;
    throw new GatewayError('model_not_found', { param: 'model' });
  }
  const dialects = dialectsOfPath(request.path, request.version, call.head.headers['anthropic-version'] !== undefined);
  const instance = chooseInstance(instances, { named, dialects });
  if (model === undefined) return targetAt(instance, familyName(request.path));
  const problem = modelNameProblem(model);
  if (problem !== undefined)
    throw new GatewayError('invalid_request', { param: 'model', message: `The model's name ${problem}.` });
  const own = model.startsWith(`${instance.name}/`) ? model.slice(instance.name.length + 1) : model;
  return targetAt(instance, own);
}

function withModel(query: string, model: string): string {
  const parameters = new URLSearchParams(query);
  if (!parameters.has('model')) return query;
  // One only: of two, the provider might take the one whose rights nobody has looked at.
  parameters.set('model', model);
  return parameters.toString();
}

function takeKey(keys: KeyRing | undefined): TakenKey | undefined {
  const taken = keys?.take();
  if (taken === undefined || 'number' in taken) return taken;
  throw taken.reason === 'rate_limit'
    ? new GatewayError('rate_limit_exceeded', { retryAfter: 1 })
    : new GatewayError(taken.reason === 'auth' ? 'upstream_auth_failed' : 'insufficient_quota');
}
