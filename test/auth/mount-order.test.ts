import { describe, expect, it } from '@jest/globals';
import { createAuth } from '../../src/auth/index.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import { runGate } from '../../src/core/gate.ts';
import { createTelemetry } from '../../src/telemetry/index.ts';
import { testCall } from '../core/support.ts';

const key = 'sk-gateway-ana-0123456789';
const auth = createAuth({ keys: [{ key, id: 'ana' }] });

/** A call with the right key that has passed a capability. */
async function callBehind(capability: Capability) {
  const rawHeaders = ['authorization', `Bearer ${key}`];
  const { call } = testCall({ head: { method: 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders } });
  expect(await runGate(call, capability)).toBe(pass);
  return call;
}

describe('the place of auth', () => {
  it('may be behind what looks at heads only', async () => {
    const call = await callBehind({ name: 'drain', onHead: () => pass, onSettled() {} });
    expect(runGate(call, auth)).toBe(pass);
  });

  it('may be behind telemetry, which reads who called when the call is over', async () => {
    const lines: object[] = [];
    const call = await callBehind(createTelemetry({ logger: { log: (entry) => lines.push(entry) } }));
    expect(runGate(call, auth)).toBe(pass);
    call.finish({ status: 'ok', httpStatus: 200 });
    call.close(true);
    expect(lines).toMatchObject([{ key_id: 'ana' }]);
  });

  it.each(['cache', 'rateLimit'])(
    'is not behind a %s that reads bodies: the call is refused, naming both',
    async (name) => {
      const call = await callBehind({ name, onRequest: () => pass });
      expect(runGate(call, auth)).toMatchObject({
        kind: 'reject',
        error: { code: 'wrong_mount', message: expect.stringMatching(new RegExp(`^\`auth\` .* after \`${name}\``)) },
      });
      expect(call.caller.keyId).toBe('anonymous');
    },
  );

  it('is not behind what has taken its caller for anonymous', async () => {
    const seen: string[] = [];
    const call = await callBehind({
      name: 'limit',
      onHead({ caller }) {
        seen.push(caller.keyId);
        return pass;
      },
    });
    expect(runGate(call, auth)).toMatchObject({
      kind: 'reject',
      error: { code: 'wrong_mount', message: expect.stringContaining('Mount `auth` first') },
    });
    expect(seen).toEqual(['anonymous']);
  });
});

describe('the place of telemetry', () => {
  it('may be behind auth; it then hears only of the calls auth lets in', async () => {
    const lines: object[] = [];
    const telemetry = createTelemetry({ logger: { log: (entry) => lines.push(entry) } });
    const call = await callBehind(auth);
    expect(runGate(call, telemetry)).toBe(pass);
    call.finish({ status: 'ok', httpStatus: 200 });
    call.close(true);
    expect(lines).toMatchObject([{ message: 'call', key_id: 'ana' }]);
  });
});
