import type { AttemptEnd } from '../attempt/attempt-plan.ts';
import { beginAttempt } from '../attempt/begin-attempt.ts';
import { inquire, isStreamed } from '../attempt/inquire.ts';
import type { OutgoingRequest } from '../attempt/inquiry.ts';
import { acceptedType, createLink, type Link, requestHeaders } from '../attempt/link.ts';
import { attemptOutcome, cancellationError, failureOutcome } from '../attempt/outcome.ts';
import { permittedTargets } from '../attempt/permitted-targets.ts';
import { readRequestFields } from '../attempt/request-fields.ts';
import { sendRequest } from '../attempt/send-request.ts';
import { authorizerFor, takeKey } from '../attempt/take-key.ts';
import type { Call } from '../core/call.ts';
import { type Capability, pass } from '../core/capability.ts';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError, GatewayError } from '../core/errors.ts';
import type { GatewayEvent, GatewayEventListener } from '../core/events.ts';
import { errorReply, type Reply } from '../core/reply.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { dialectOf } from '../dialects/index.ts';
import { createPlanner, type Planner } from '../providers/planner.ts';
import type { Target } from '../providers/provider.ts';
import { finalError } from '../routing/final-error.ts';
import type { TakenKey } from '../routing/key-ring.ts';
import { createMediaFetcher, type MediaFetcher } from '../upstream/fetch-media.ts';
import { resolveMediaOptions } from '../upstream/fetch-media-options.ts';
import { foreignAnswer } from './foreign-attempt.ts';
import { type ProviderTranslateOptions, type ResolvedTranslateSettings, resolveTranslateSettings } from './options.ts';
import { type Translation, withHeaders } from './translation.ts';

export interface ProviderTranslateContext {
  readonly runtime?: Runtime;
  /** @default process.env */
  readonly environment?: Environment;
}

interface Translator {
  readonly planner: Planner;
  readonly links: ReadonlyMap<string, Link>;
  readonly settings: ResolvedTranslateSettings;
  readonly emit: GatewayEventListener;
  readonly media: MediaFetcher | undefined;
}

/**
 * Translates between the caller's dialect and the provider's, for apps that need no failover.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function createProviderTranslate(
  options: ProviderTranslateOptions = {},
  context: ProviderTranslateContext = {},
): Capability {
  const { providers, models, onEvent, media, ...given } = options;
  const settings = resolveTranslateSettings(given);
  const mediaLimits = resolveMediaOptions(media, 'providerTranslate(): media');
  const planner = createPlanner({ providers, models, environment: context.environment ?? process.env });
  if (settings.forward === 'next' && planner.instances.size !== 1) {
    throw new ConfigurationError(
      'providerTranslate(): with `forward: "next"`, "providers" must name exactly one provider: the one behind the proxy',
    );
  }
  const [behind] = planner.instances.values();
  if (settings.forward === 'next' && behind?.authorizer !== undefined) {
    throw new ConfigurationError(
      `providerTranslate(): with \`forward: "next"\` the app's own proxy sends the request, but "${behind.name}" wants a signature or a token made for each. Give it an "apiKey", or leave out "forward".`,
    );
  }
  const runtime = context.runtime ?? systemRuntime;
  const links = new Map(
    [...planner.instances.values()].map((instance) => [instance.name, createLink(instance, runtime)]),
  );
  const emit = (event: GatewayEvent): void => {
    try {
      onEvent?.(event);
    } catch {
      // A listener's bug must not fail the call that happened to cause the event.
    }
  };
  const translator: Translator = {
    planner,
    links,
    settings,
    emit,
    media: mediaLimits && createMediaFetcher(mediaLimits, { runtime }),
  };
  return settings.forward === 'send'
    ? { name: 'providerTranslate', answer: (call) => send(call, translator) }
    : {
        name: 'providerTranslate',
        async onRequest(call) {
          const translation = await translate(call, translator);
          call.foreign = foreignAnswer(translation, (end) => conclude(end, translation));
          return pass;
        },
      };
}

interface Sendable extends Translation {
  readonly link: Link;
  readonly key: TakenKey | undefined;
}

async function translate(call: Call, translator: Translator): Promise<Sendable> {
  const body = await call.body();
  const dialect = dialectOf(call.dialect);
  const fields = readRequestFields(call, body.json, dialect);
  call.requestedModel = fields.model;
  call.stream = isStreamed(call, fields);
  const [target] = permittedTargets(call, translator.planner.plan(fields.model, [])[0]?.targets ?? []);
  const link = translator.links.get(target?.instance.name ?? '');
  if (target === undefined || link === undefined) throw new GatewayError('model_not_found', { param: 'model' });
  const { media } = translator;
  const inquiry = inquire({ call, body, dialect, fields, media });
  const outgoing = await inquiry.prepare(target);
  refuseDropped(outgoing, target, translator.settings);
  refuseSeveral(outgoing, target, translator.settings);
  call.droppedParams = outgoing.dropped;
  const key = takenKey(link, call);
  const { attempt } = beginAttempt({
    call,
    inquiry,
    target,
    outgoing,
    keyNumber: key?.number,
    deadlineAt: call.startedAt + Math.min(translator.settings.deadline, fields.deadline ?? Number.POSITIVE_INFINITY),
    emit: translator.emit,
    onEnd: (end, record) => {
      judgeKey(end, key);
      const outcome = attemptOutcome(end, record);
      if (outcome !== undefined) call.finish(outcome);
    },
  });
  return {
    call,
    target,
    outgoing,
    headers: requestHeaders(link, key, acceptedType(outgoing.dialect, call.stream)),
    attempt,
    link,
    key,
  };
}

async function send(call: Call, translator: Translator): Promise<Reply> {
  if (call.head.method !== 'POST') {
    throw new GatewayError('method_not_allowed', { message: 'Use POST.', headers: { allow: 'POST' } });
  }
  const translation = await translate(call, translator);
  const { attempt, outgoing, link, key } = translation;
  sendRequest({ link, key, authorizer: authorizerFor(link, call), outgoing, stream: call.stream }, attempt);
  const result = await attempt.result;
  return result.kind === 'answered' ? withHeaders(result.reply, translation) : conclude(result.end, translation);
}

/** The reply to a call whose only attempt failed. */
function conclude(end: AttemptEnd, translation: Translation): Reply {
  const { call, target } = translation;
  const error =
    end.fault === undefined
      ? cancellationError('client_gone')
      : finalError({
          words: [{ target: target.id, fault: end.fault }],
          deadlinePassed: end.fault.kind === 'timeout' && end.fault.code === 'deadline',
        });
  call.finish(failureOutcome(error));
  return withHeaders(errorReply(error, call.dialect), translation);
}

/** The app's own proxy sends one request for each it gets. */
function refuseSeveral(outgoing: OutgoingRequest, { id }: Target, { forward }: ResolvedTranslateSettings): void {
  if (forward !== 'next' || outgoing.more === undefined) return;
  const message = `\`${id}\` takes this in several requests, and the app's own proxy sends one. Ask for less at a time.`;
  throw new GatewayError('invalid_request', { message });
}

function refuseDropped(outgoing: OutgoingRequest, target: Target, { unsupported }: ResolvedTranslateSettings): void {
  const [param] = outgoing.dropped;
  if (unsupported === 'drop' || param === undefined) return;
  const message = `\`${target.id}\` does not take: ${outgoing.dropped.join(', ')}.`;
  throw new GatewayError('unsupported_parameter', { param, message });
}

function takenKey(link: Link, call: Call): TakenKey | undefined {
  const taken = takeKey(link, call);
  if (taken === undefined || 'number' in taken) return taken;
  throw taken.reason === 'rate_limit'
    ? new GatewayError('rate_limit_exceeded', { retryAfter: 1 })
    : new GatewayError(taken.reason === 'auth' ? 'upstream_auth_failed' : 'insufficient_quota');
}

function judgeKey(end: AttemptEnd, key: TakenKey | undefined): void {
  if (end.status === 'ok') key?.accepted();
  else if (end.fault?.kind === 'auth') key?.refused(end.fault.status);
}
