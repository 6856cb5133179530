import type { Call } from './call.ts';
import type { Capability, Decision } from './capability.ts';
import { GatewayError, toGatewayError } from './errors.ts';
import { runGate } from './gate.ts';
import { reportFault } from './notify.ts';
import { errorReply, type Reply } from './reply.ts';
import type { CallStatus } from './settlement.ts';

/**
 * Takes a call through one capability. `undefined` means: go on to the next. When it is a terminal or it decides the
 * call, its reply comes back, and the outcome is on the call.
 */
export function runCapability(call: Call, capability: Capability): Reply | undefined | Promise<Reply | undefined> {
  const decision = runGate(call, capability);
  return decision instanceof Promise
    ? decision.then((settled) => conclude(call, capability, settled))
    : conclude(call, capability, decision);
}

/** Takes a call through all capabilities in order, up to the one that answers. */
export async function run(call: Call, capabilities: readonly Capability[]): Promise<Reply> {
  for (const capability of capabilities) {
    const step = runCapability(call, capability);
    const reply = step instanceof Promise ? await step : step;
    if (reply !== undefined) return reply;
  }
  return rejection(call, new GatewayError('not_found'));
}

/** Ends a call with an error nobody's work stands behind. */
export function rejection(call: Call, error: GatewayError): Reply {
  call.finish({ status: rejectionStatus(error), httpStatus: error.status, error });
  return errorReply(error, call.dialect);
}

function rejectionStatus({ code, status }: GatewayError): CallStatus {
  if (code === 'client_closed_request') return 'client_abort';
  return status >= 500 ? 'failed' : 'rejected';
}

function conclude(call: Call, capability: Capability, decision: Decision): Reply | undefined | Promise<Reply> {
  switch (decision.kind) {
    case 'reject':
      return rejection(call, decision.error);
    case 'reply':
      call.finish({ status: 'ok', httpStatus: decision.reply.status });
      return decision.reply;
    case 'pass':
      return capability.answer === undefined ? undefined : answer(call, capability);
  }
}

async function answer(call: Call, capability: Capability): Promise<Reply> {
  try {
    return (await capability.answer?.(call)) ?? rejection(call, new GatewayError('not_found'));
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (error.code === 'internal_error') reportFault(capability, thrown);
    return rejection(call, error);
  }
}
