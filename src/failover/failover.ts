import { ChatInquiry } from '../attempt/chat-inquiry.ts';
import { CountTokensInquiry, countsTokens } from '../attempt/count-tokens-inquiry.ts';
import { fittingTargets } from '../attempt/fitting-targets.ts';
import { inquire, isStreamed } from '../attempt/inquire.ts';
import type { Inquiry } from '../attempt/inquiry.ts';
import { permittedTargets } from '../attempt/permitted-targets.ts';
import { readRequestFields } from '../attempt/request-fields.ts';
import type { Call } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import type { Environment } from '../core/environment.ts';
import { GatewayError } from '../core/errors.ts';
import type { Reply } from '../core/reply.ts';
import type { RequestBody } from '../core/request-body.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { dialectOf } from '../dialects/index.ts';
import type { ModelLink } from '../providers/model-chains.ts';
import { createPlanner, type Planner } from '../providers/planner.ts';
import type { Target } from '../providers/provider.ts';
import { orderTargets } from '../routing/order-targets.ts';
import { resolveMediaOptions } from '../upstream/fetch-media-options.ts';
import { Drive } from './drive.ts';
import { createEngine, type Engine } from './engine.ts';
import { type FailoverOptions, resolveFailoverSettings } from './options.ts';

/** The terminal capability with what a gateway shows of it. */
export interface FailoverCapability extends Capability {
  readonly planner: Planner;
  readonly engine: Engine;
  /** Closes all connections. */
  close(): Promise<void>;
}

export interface FailoverContext {
  readonly runtime?: Runtime;
  /** @default process.env */
  readonly environment?: Environment;
}

/**
 * Answers a chat call from the first of its targets that can: picks, translates, sends, retries, moves on. Nothing
 * reaches the caller before the first real output.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createFailover(options: FailoverOptions = {}, context: FailoverContext = {}): FailoverCapability {
  const { providers, models, onEvent, media, ...given } = options;
  const runtime = context.runtime ?? systemRuntime;
  const settings = resolveFailoverSettings(given);
  const planner = createPlanner({ providers, models, environment: context.environment ?? process.env });
  const engine = createEngine({
    instances: planner.instances,
    settings,
    runtime,
    onEvent,
    media: resolveMediaOptions(media, 'failover(): media'),
  });
  return {
    name: 'failover',
    planner,
    engine,
    answer: (call) => answer(call, planner, engine),
    close: () => engine.close(),
  };
}

async function answer(call: Call, planner: Planner, engine: Engine): Promise<Reply> {
  if (call.head.method !== 'POST') {
    throw new GatewayError('method_not_allowed', { message: 'Use POST.', headers: { allow: 'POST' } });
  }
  const pending = call.body();
  const body = pending instanceof Promise ? await pending : pending;
  const dialect = dialectOf(call.dialect);
  const fields = readRequestFields(call, body.json, dialect);
  call.requestedModel = fields.model;
  call.stream = isStreamed(call, fields);
  const links = planner.plan(fields.model, fields.fallback);
  const permitted = permittedTargets(call, orderLinks(links, engine));
  const inquiry = inquire({ call, body, dialect, fields, media: engine.media });
  const targets = fitting(call, { body, inquiry, targets: permitted, engine });
  if (inquiry instanceof CountTokensInquiry && !targets.some(countsTokens)) {
    call.finish({ status: 'ok', httpStatus: 200 });
    return inquiry.estimate(targets[0]?.model ?? fields.model);
  }
  const allowed = Math.min(engine.settings.deadline, fields.deadline ?? Number.POSITIVE_INFINITY);
  const drive = new Drive({
    engine,
    call,
    inquiry,
    targets,
    deadlineAt: call.startedAt + allowed,
  });
  // Awaited here: a promise returned from an async function takes two turns of the queue more.
  return await drive.run();
}

interface Fitting {
  readonly body: RequestBody;
  readonly inquiry: Inquiry;
  readonly targets: readonly Target[];
  readonly engine: Engine;
}

/** Chat requests ask more of a model than others do. */
function fitting(call: Call, { body, inquiry, targets, engine }: Fitting): readonly Target[] {
  const { capabilities, unsupported } = engine.settings;
  if (capabilities === 'ignore' || !(inquiry instanceof ChatInquiry)) return targets;
  return fittingTargets({ call, body, canonical: () => inquiry.canonical(), targets, unsupported });
}

/** All targets in order of trial, each once. */
function orderLinks(links: readonly ModelLink[], engine: Engine): readonly Target[] {
  const [only] = links;
  if (only !== undefined && links.length === 1 && only.targets.length === 1) return only.targets;
  const ordered = new Map<string, Target>();
  for (const link of links) {
    for (const target of orderTargets(link.targets, link.strategy, engine)) {
      if (!ordered.has(target.id)) ordered.set(target.id, target);
    }
  }
  return [...ordered.values()];
}
