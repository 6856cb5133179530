import type { Call } from './call.ts';
import { type Capability, type Decision, pass, reject } from './capability.ts';
import { GatewayError, toGatewayError } from './errors.ts';
import { reportFault } from './notify.ts';
import { isPromiseLike } from './promise-like.ts';

/**
 * Takes a call into a capability: order check, then its `onHead`, then its `onRequest` with the body read. A hook that
 * throws rejects the call; the thrown value goes to the capability's log, not to the caller. A capability mounted on
 * the app and again on a route looks at a call once.
 */
export function runGate(call: Call, capability: Capability): Decision | Promise<Decision> {
  if (call.capabilities.includes(capability)) return pass;
  const misplaced = enter(call, capability);
  if (misplaced !== undefined) return reject(misplaced);
  if (capability.onHead === undefined) return runRequestHook(call, capability);
  try {
    const decision = capability.onHead(call);
    return isPromiseLike(decision) ? afterHead(call, capability, decision) : goOn(call, capability, decision);
  } catch (thrown) {
    return rejectThrown(thrown, capability);
  }
}

async function afterHead(call: Call, capability: Capability, pending: PromiseLike<Decision>): Promise<Decision> {
  try {
    return await goOn(call, capability, await pending);
  } catch (thrown) {
    return rejectThrown(thrown, capability);
  }
}

function goOn(call: Call, capability: Capability, decided: Decision): Decision | Promise<Decision> {
  const decision = checked(decided, 'onHead');
  return decision.kind === 'pass' ? runRequestHook(call, capability) : decision;
}

function runRequestHook(call: Call, capability: Capability): Decision | Promise<Decision> {
  return capability.onRequest === undefined ? pass : afterBody(call, capability);
}

async function afterBody(call: Call, capability: Capability): Promise<Decision> {
  try {
    await call.body();
    return capability.onRequest === undefined ? pass : checked(await capability.onRequest(call), 'onRequest');
  } catch (thrown) {
    return rejectThrown(thrown, capability);
  }
}

const kinds: ReadonlySet<unknown> = new Set(['pass', 'reject', 'reply'] satisfies Decision['kind'][]);

/** @throws TypeError for what is no decision: a hook that forgot to return one must not let the call pass */
function checked(decision: Decision | undefined | null, hook: string): Decision {
  if (decision && kinds.has(decision.kind)) return decision;
  throw new TypeError(`${hook} returned no decision. Return \`pass\`, \`reject(error)\` or a reply.`);
}

function rejectThrown(thrown: unknown, capability: Capability): Decision {
  const error = toGatewayError(thrown);
  if (error.code === 'internal_error') reportFault(capability, thrown);
  return reject(error);
}

/** Notes that the call has come to the capability; the error when it must not stand here. */
function enter(call: Call, capability: Capability): GatewayError | undefined {
  for (const earlier of call.capabilities) {
    const reason = capability.standsBefore?.[earlier.name];
    if (reason !== undefined) {
      return wrongMount(`\`${capability.name}\` is mounted after \`${earlier.name}\`: ${reason}`);
    }
    if (earlier.answer !== undefined && capability.answer !== undefined) {
      return wrongMount(`\`${earlier.name}\` and \`${capability.name}\` both answer the request. Mount one of them.`);
    }
  }
  if (call.foreign !== undefined && decides(capability)) {
    const hander =
      call.capabilities.findLast((earlier) => earlier.onRequest !== undefined)?.name ?? 'another capability';
    return wrongMount(
      `\`${capability.name}\` is mounted after \`${hander}\`, which has handed the call on. Mount it in front.`,
    );
  }
  call.capabilities.push(capability);
  return undefined;
}

/** Whether it does more than watch. */
function decides({ onHead, onRequest, onPlan, answer }: Capability): boolean {
  return [onHead, onRequest, onPlan, answer].some((hook) => hook !== undefined);
}

function wrongMount(message: string): GatewayError {
  return new GatewayError('wrong_mount', { message });
}
