import { asObject, type JsonValue } from '../core/json.ts';
import type { LoggedCall } from './call-log.ts';
import { drawFlaky } from './faults/draw-flaky.ts';
import { type FaultSet, parseFaults } from './faults/parse-faults.ts';
import { goodReply, scriptedReply } from './good-reply.ts';
import type { ChatRoute, Personality, Refusal, Route, WireRequest } from './personality.ts';
import { planReply, refusalReply, type Silence } from './plan-reply.ts';
import type { Pacing } from './response-channel.ts';
import type { Prompt } from './speech/prompt.ts';
import { isScriptedBytes, type ScriptedReply } from './speech/script.ts';
import { type Delivery, jsonReply, plainDelivery } from './wire-reply.ts';

/** What a fake provider knows beyond the request. */
export interface ProviderState {
  readonly personalities: readonly [Personality, ...Personality[]];
  readonly apiKeys: readonly string[] | undefined;
  readonly models: readonly string[];
  readonly speak: (prompt: Prompt) => string;
  readonly tokenDelay: number;
  readonly firstTokenDelay: number;
  readonly random: () => number;
  readonly newId: () => string;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Answers for the next chat calls, first come, first served. */
  readonly scripts: ScriptedReply[];
  /** Faults of every call. */
  readonly faults: FaultSet;
}

export interface PlannedReply {
  readonly reply: Delivery | Silence;
  readonly pacing: Pacing;
}

/**
 * What the provider does with a request; what it finds out about it goes into the log.
 *
 * @throws FaultSyntaxError when the model name asks for a fault that does not exist
 */
export async function answerCall(request: WireRequest, call: LoggedCall, state: ProviderState): Promise<PlannedReply> {
  const found = findRoute(request, state.personalities);
  if (found === undefined) return unknownPath(request, call, state);
  const { personality, route } = found;
  call.dialect = personality.dialect;
  call.operation = route.operation;
  call.model = route.operation === 'models' ? '' : route.model;
  const asked = parseFaults(call.model).overriddenBy(state.faults);
  const refusal = refuse(request, found, state);
  if (refusal !== undefined) return refused(refusal, { personality, call, state });
  const place = { personality, call, state };
  if (route.operation === 'chat') return chat(request, { ...place, route, asked });
  if (route.operation === 'models') return whole(() => personality.models(state.models), { ...place, asked });
  const script = state.scripts.shift();
  const faults = script?.fault === undefined ? asked : asked.overriddenBy(parseFaults(script.fault));
  return whole(() => route.answer(asObject(request.json) ?? {}), { ...place, asked: faults, script });
}

// ---- Requests in order ----

interface Place {
  readonly personality: Personality;
  readonly call: LoggedCall;
  readonly state: ProviderState;
}

interface ChatPlace extends Place {
  readonly route: ChatRoute;
  readonly asked: FaultSet;
}

interface WholePlace extends Place {
  readonly asked: FaultSet;
  readonly script?: ScriptedReply | undefined;
}

async function chat(
  request: WireRequest,
  { personality, call, state, route, asked }: ChatPlace,
): Promise<PlannedReply> {
  const script = state.scripts.shift();
  const wanted = script?.fault === undefined ? asked : asked.overriddenBy(parseFaults(script.fault));
  const faults = drawFlaky(wanted, state.random);
  call.faults = faults.names;
  const requestId = state.newId();
  const wallTime = state.wallTime();
  const { speak, newId } = state;
  const headers = personality.headers(requestId);
  const body = asObject(request.json) ?? {};
  const reply = await planReply({
    personality,
    form: route.stream ? 'stream' : 'whole',
    framing: personality.framing(route),
    faults,
    requestId,
    wallTime,
    good: () => goodReply({ personality, route, body, faults, script, speak, headers, newId, wallTime }),
  });
  return { reply, pacing: pacingFor(faults, state) };
}

/** One JSON answer, with the faults that leave such. */
async function whole(
  good: () => JsonValue,
  { personality, call, state, asked, script }: WholePlace,
): Promise<PlannedReply> {
  const faults = drawFlaky(asked, state.random);
  call.faults = faults.names;
  const requestId = state.newId();
  const reply = await planReply({
    personality,
    form: 'whole',
    framing: personality.framing({ operation: 'chat', model: '', stream: false, query: new URLSearchParams() }),
    faults,
    requestId,
    wallTime: state.wallTime(),
    good: () =>
      script !== undefined && isScriptedBytes(script)
        ? scriptedReply(script)
        : jsonReply(200, personality.headers(requestId), good()),
  });
  return { reply, pacing: pacingFor(faults, { ...state, firstTokenDelay: 0 }) };
}

const allAtOnce: Pacing = { start: 0, firstContent: 0, content: 0, bytes: Number.POSITIVE_INFINITY, bytesDelay: 0 };

function pacingFor(faults: FaultSet, { tokenDelay, firstTokenDelay }: ProviderState): Pacing {
  return {
    start: faults.amount('slow') ?? 0,
    firstContent: firstTokenDelay,
    content: faults.amount('pace') ?? tokenDelay,
    bytes: faults.amount('split') ?? (faults.has('trickle') ? 1 : Number.POSITIVE_INFINITY),
    bytesDelay: faults.amount('trickle') ?? 0,
  };
}

// ---- Routing and refusals ----

interface Found {
  readonly personality: Personality;
  readonly route: Route;
}

function findRoute(request: WireRequest, personalities: readonly Personality[]): Found | undefined {
  for (const personality of personalities) {
    const route = personality.route(request);
    if (route !== undefined) return { personality, route };
  }
  return undefined;
}

function refuse(request: WireRequest, { personality, route }: Found, { apiKeys }: ProviderState): Refusal | undefined {
  const wrongKey = apiKeys === undefined ? undefined : personality.refuseCredential(request, apiKeys);
  if (wrongKey !== undefined || route.operation === 'models') return wrongKey;
  if (route.operation === 'chat') return personality.refuseRequest(request, route);
  return route.refuse(request);
}

/** A refusal goes out at once and whole: the request is at fault, so no fault of the provider is tried on it. */
export function refused(refusal: Refusal, { personality, call, state }: Place): PlannedReply {
  call.refusal = { status: refusal.status, message: refusal.message };
  return { reply: plainDelivery(refusalReply(personality, refusal, state.newId())), pacing: allAtOnce };
}

/** Answered by the API whose prefix it has, or else by the first. */
function unknownPath(request: WireRequest, call: LoggedCall, state: ProviderState): PlannedReply {
  const { personalities } = state;
  const personality = personalities.find(({ pathPrefix }) => request.path.startsWith(pathPrefix)) ?? personalities[0];
  const message = `Invalid URL (${request.method} ${request.path})`;
  return refused({ status: 404, type: 'not_found_error', message }, { personality, call, state });
}
