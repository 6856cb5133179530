import { Call } from '../../src/core/call.ts';
import type { Capability, Decision } from '../../src/core/capability.ts';
import type { DialectName } from '../../src/core/dialect-name.ts';
import type { GatewayError } from '../../src/core/errors.ts';
import { runGate } from '../../src/core/gate.ts';
import type { Operation } from '../../src/core/inbound.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

const runtime = manualRuntime();

interface Request {
  /** Name, value, name, value, ... */
  readonly headers?: readonly string[];
  readonly path?: string;
  readonly dialect?: DialectName;
  readonly operation?: Operation;
  readonly peer?: string;
}

export function callWith({
  headers = [],
  path = '/chat/completions',
  dialect = 'openai-chat',
  operation = 'chat',
  peer,
}: Request) {
  const joined: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    // As Node does: the first of several `Authorization` headers wins.
    joined[(headers[index] ?? '').toLowerCase()] ??= headers[index + 1] ?? '';
  }
  return new Call({
    head: { method: 'POST', path, headers: joined, rawHeaders: headers, ...(peer !== undefined && { peer }) },
    dialect,
    operation,
    runtime,
    readBody: () => {
      throw new Error('The body of a refused call was read.');
    },
  });
}

/** The decision of a capability that needs no I/O, on the way every host takes. */
export function decide(capability: Capability, call: Call): Decision {
  const decision = runGate(call, capability);
  if (decision instanceof Promise) throw new Error('A synchronous decision was expected.');
  return decision;
}

/** The error of a refused call. */
export function refusalOf(capability: Capability, request: Request): GatewayError {
  const decision = decide(capability, callWith(request));
  if (decision.kind !== 'reject') throw new Error(`The call was not refused but: ${decision.kind}.`);
  return decision.error;
}
