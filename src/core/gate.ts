import type { Call } from './call.ts';
import { type Capability, type Decision, pass, reject } from './capability.ts';
import { GatewayError, toGatewayError } from './errors.ts';

/**
 * Takes a call into a capability: order check, then its `onHead`, then its `onRequest` with the body read. A hook that
 * throws rejects the call; the thrown value goes to the capability's log, not to the caller.
 */
export function runGate(call: Call, capability: Capability): Decision | Promise<Decision> {
  const misplaced = enter(call, capability);
  if (misplaced !== undefined) return reject(misplaced);
  if (capability.onHead === undefined) return runRequestHook(call, capability);
  let decision: Decision | Promise<Decision>;
  try {
    decision = capability.onHead(call);
  } catch (thrown) {
    return rejectThrown(thrown, capability);
  }
  if (!(decision instanceof Promise)) return decision.kind === 'pass' ? runRequestHook(call, capability) : decision;
  return decision.then(
    (settled) => (settled.kind === 'pass' ? runRequestHook(call, capability) : settled),
    (thrown) => rejectThrown(thrown, capability),
  );
}

async function afterBody(call: Call, capability: Capability): Promise<Decision> {
  try {
    await call.body();
    return (await capability.onRequest?.(call)) ?? pass;
  } catch (thrown) {
    return rejectThrown(thrown, capability);
  }
}

function runRequestHook(call: Call, capability: Capability): Decision | Promise<Decision> {
  return capability.onRequest === undefined ? pass : afterBody(call, capability);
}

function rejectThrown(thrown: unknown, capability: Capability): Decision {
  const error = toGatewayError(thrown);
  if (error.code === 'internal_error') capability.onFault?.(thrown);
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
  call.capabilities.push(capability);
  return undefined;
}

function wrongMount(message: string): GatewayError {
  return new GatewayError('wrong_mount', { message });
}
