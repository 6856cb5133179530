import type { Call } from '../../core/call.ts';
import type { Capability } from '../../core/capability.ts';
import type { Environment } from '../../core/environment.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Reply } from '../../core/reply.ts';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import {
  looksPassable,
  type PassagePlanner,
  type PassThroughOptions,
  planPassage,
  type ResolvedPassThroughSettings,
  reachableInstances,
  resolvePassThroughSettings,
} from '../../pass-through/index.ts';
import { createPlanner, type Planner } from '../../providers/planner.ts';
import type { ProviderInstance } from '../../providers/provider.ts';
import { KeyRing } from '../../routing/key-ring.ts';
import type { HttpRequest } from '../http-types.ts';
import { createProxy, type Forwarder, standForResponse } from './create-proxy.ts';
import { HttpPassage } from './http-passage.ts';
import { bodyReadBefore } from './sent-body.ts';
import { type Upgrade, upgradeOf } from './upgrade-handler.ts';
import { WebSocketPassage } from './websocket-passage.ts';

export interface PassThroughContext {
  readonly runtime?: Runtime;
  /** @default process.env */
  readonly environment?: Environment;
  /** Shared with `failover`, so that both know the same providers. @default one of its own */
  readonly planner?: Planner;
  /** Shared with `failover`, so that both know which keys are refused or out of rate. @default rings of its own */
  readonly keysOf?: (instance: ProviderInstance) => KeyRing | undefined;
}

/** The terminal capability, and what a host must do for it: it works on the request itself and not on a parsed body. */
export interface PassThroughCapability extends Capability {
  /** Whether a path and query below the mount point looks like one that is passed on. */
  matches(url: string): boolean;
  /** Ties a call to the request it came in, before the call reaches the capability. */
  bind(call: Call, request: HttpRequest): void;
  /** Closes unused connections to providers. */
  close(): void;
}

/**
 * Passes requests to a provider that the gateway has no operation of its own for.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createPassThrough(
  options: PassThroughOptions = {},
  context: PassThroughContext = {},
): PassThroughCapability {
  const { providers, ...given } = options;
  const runtime = context.runtime ?? systemRuntime;
  const settings = resolvePassThroughSettings(given);
  const environment = context.environment ?? process.env;
  const planner = context.planner ?? createPlanner({ providers, models: undefined, environment });
  const instances = reachableInstances(planner.instances, settings.only);
  const service = { planner, instances, settings, keysOf: context.keysOf ?? ownKeys(instances, runtime) };
  const proxy = createProxy();
  const bound = new WeakMap<Call, { readonly request: HttpRequest; readonly url: string }>();
  return {
    name: 'passThrough',
    matches: (url) => looksPassable(url, settings.paths),
    bind: (call, request) => void bound.set(call, { request, url: request.url ?? '/' }),
    async answer(call) {
      const arrived = bound.get(call);
      if (arrived === undefined)
        throw new GatewayError('wrong_mount', { message: 'Mount `passThrough` as a middleware.' });
      return answer({ call, ...arrived }, { service, proxy });
    },
    close: () => proxy.close(),
  };
}

function ownKeys(
  instances: readonly ProviderInstance[],
  runtime: Runtime,
): (instance: ProviderInstance) => KeyRing | undefined {
  const rings = new Map(
    instances
      .filter(({ apiKeys }) => apiKeys.length > 0)
      .map((instance) => [instance, new KeyRing(instance.apiKeys, runtime)]),
  );
  return (instance) => rings.get(instance);
}

interface Arrived {
  readonly call: Call;
  readonly request: HttpRequest;
  /** Path and query below the mount point. */
  readonly url: string;
}

interface Means {
  readonly service: PassagePlanner;
  readonly proxy: Forwarder;
}

async function answer({ call, request, url }: Arrived, { service, proxy }: Means): Promise<Reply> {
  const upgrade = upgradeOf(request);
  if (request.headers.upgrade !== undefined) checkUpgrade(request, upgrade);
  const body = upgrade === undefined ? bodyReadBefore(request) : undefined;
  const plan = planPassage(call, url, service);
  if (upgrade !== undefined) {
    call.stream = true;
    const { realtime } = service.settings;
    const reply = await new WebSocketPassage({ call, plan, upgrade, ...realtime }).reply;
    return reply === 'taken' ? taken : reply;
  }
  return sendHttp({ call, request, body, plan }, { settings: service.settings, proxy });
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1 */
function checkUpgrade({ method, headers }: HttpRequest, upgrade: Upgrade | undefined): void {
  if (upgrade === undefined) {
    const message = 'This server does not take upgrades. Add `server.on("upgrade", upgradeHandler(app))`.';
    throw new GatewayError('invalid_request', { message });
  }
  const websocket = headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-key'] !== undefined;
  if (method !== 'GET' || !websocket) {
    throw new GatewayError('invalid_request', { message: 'The only upgrade passed on is the one to a WebSocket.' });
  }
}

/** Never written: the response no longer has a connection. */
const taken: Reply = { kind: 'whole', status: 101, headers: {}, body: '' };

function sendHttp(
  {
    call,
    request,
    body,
    plan,
  }: Pick<Arrived, 'call' | 'request'> & {
    readonly body: Buffer | undefined;
    readonly plan: ReturnType<typeof planPassage>;
  },
  { settings, proxy }: { readonly settings: ResolvedPassThroughSettings; readonly proxy: Forwarder },
): Promise<Reply> {
  const stand = standForResponse(request);
  const passage = new HttpPassage({
    call,
    request,
    plan,
    maxUpload: settings.maxUpload,
    abandon: () => void stand.emit('close'),
  });
  const { origin } = plan.target.instance;
  if (!passage.over) proxy.send({ request, passage, origin, path: plan.path, body, stand });
  return passage.reply;
}
