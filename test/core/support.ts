import { Call, type CallInit } from '../../src/core/call.ts';
import type { Capability } from '../../src/core/capability.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

export interface TestCall {
  readonly call: Call;
  readonly runtime: ManualRuntime;
}

/** A call outside any host. */
export function testCall(init: Partial<CallInit> = {}): TestCall {
  const runtime = manualRuntime();
  const call = new Call({
    head: { method: 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders: [] },
    dialect: 'openai-chat',
    operation: 'chat',
    runtime,
    readBody: () => ({ json: {} }),
    ...init,
  });
  return { call, runtime };
}

/** A capability that notes which of its hooks ran, in order. */
export function notingCapability(
  name: string,
  hooks: Omit<Capability, 'name'> = {},
): Capability & { faults: unknown[] } {
  const faults: unknown[] = [];
  return { name, faults, onFault: (thrown) => void faults.push(thrown), ...hooks };
}
