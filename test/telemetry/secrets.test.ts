import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, errorCatalogue } from '../../src/core/error-catalogue.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { errorReply } from '../../src/core/reply.ts';
import type { CallStatus } from '../../src/core/settlement.ts';
import { chatCall, recorded, settled } from './support.ts';

/** What a pattern can recognise, wherever a caller or a provider puts it. */
const recognisable = {
  openai: 'sk-proj-CANARY1aaaaaaaaaaaaaaaaaaa',
  anthropic: 'sk-ant-api03-CANARY2-bbbbbbbbbbbbb',
  gemini: 'AIzaCANARY3ccccccccccccccccccccccccccc',
  groq: 'gsk_CANARY4dddddddddddddddd',
  mistral: 'CANARY5eeeeeeeeeeeeeeeeeeeeeeee5',
  aws: 'AKIACANARY6FFFFFFFFF',
  redis: 'redis://default:CANARY7gggg@cache:6379',
  postgres: 'postgres://app:CANARY8hhhh@db/ledger?sslpassword=CANARY8hhhh',
};
/** What looks like anything: it must never come near a line. */
const unrecognisable = {
  gatewayKey: 'team-canary9-key',
  adminToken: 'let me in CANARY10',
  prompt: 'CANARY11 my grandmother was born in Utrecht',
  answer: 'CANARY12 she was a physician',
};
const canary = /canary\d/i;
const all = Object.values({ ...recognisable, ...unrecognisable }).join(' | ');

const codes = Object.keys(errorCatalogue) as ErrorCode[];
const statuses: readonly CallStatus[] = [
  'rejected',
  'client_abort',
  'upstream_error',
  'upstream_truncated',
  'timeout',
  'failed',
];

function leakyError(code: ErrorCode): GatewayError {
  const cause = Object.assign(new Error(all), { code: `E ${recognisable.openai}`, headers: { authorization: all } });
  return new GatewayError(code, { cause, providerCode: `code ${recognisable.anthropic}` });
}

function leakyCall() {
  const call = chatCall({
    path: `/files?key=${recognisable.gemini}`,
    operation: 'other',
    rawHeaders: ['Authorization', `Bearer ${unrecognisable.gatewayKey}`, 'x-admin', unrecognisable.adminToken],
  });
  call.requestedModel = recognisable.mistral;
  call.droppedParams = Object.values(recognisable);
  return call;
}

describe('TE-01 canary secrets', () => {
  it.each(codes)('are in no line and no error body when a call ends with %s', (code) => {
    for (const status of statuses) {
      const { telemetry, lines } = recorded({ logLevel: 'debug' });
      const error = leakyError(code);
      telemetry.onSettled?.(
        leakyCall(),
        settled({
          status,
          error,
          model: recognisable.groq,
          finishReason: recognisable.aws,
          attempts: [
            {
              id: '1',
              number: 1,
              provider: 'openai',
              model: recognisable.redis,
              startedAt: 0,
              fault: recognisable.postgres,
            },
          ],
        }),
      );
      expect(JSON.stringify(lines)).not.toMatch(canary);
      expect(lines).toHaveLength(1);
      const reply = errorReply(new GatewayError(code, { cause: error.cause }), 'openai-chat');
      expect(JSON.stringify(reply)).not.toMatch(canary);
    }
  });

  it('are in no line of an event', () => {
    const { telemetry, lines } = recorded({ logLevel: 'debug' });
    for (const secret of Object.values(recognisable)) {
      telemetry.onEvent({ type: 'failed-over', callId: secret, from: secret, to: `x/${secret}`, fault: secret });
      telemetry.onEvent({ type: 'target-misconfigured', callId: secret, target: secret, fault: secret });
    }
    expect(lines).toHaveLength(2 * Object.keys(recognisable).length);
    expect(JSON.stringify(lines)).not.toMatch(canary);
  });
});

describe('TE-03 by default', () => {
  it('no line holds what a thrown error quotes of a prompt, not even the line of our own fault', () => {
    const { telemetry, lines } = recorded();
    let cause: unknown;
    try {
      JSON.parse(unrecognisable.prompt);
    } catch (thrown) {
      cause = thrown;
    }
    telemetry.onSettled?.(
      chatCall(),
      settled({ status: 'failed', error: new GatewayError('internal_error', { cause }) }),
    );
    expect(lines).toMatchObject([
      { error_cause: 'SyntaxError', error_stack: expect.stringContaining('secrets.test.ts') },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(canary);
  });

  it('no line holds a message of several lines, whose rows look like a stack', () => {
    const { telemetry, lines } = recorded();
    const cause = new Error(`first\n    at ${unrecognisable.prompt}`);
    telemetry.onSettled?.(
      chatCall(),
      settled({ status: 'failed', error: new GatewayError('internal_error', { cause }) }),
    );
    expect(lines).toMatchObject([{ error_stack: expect.stringContaining('secrets.test.ts') }]);
    expect(JSON.stringify(lines)).not.toMatch(canary);
  });

  it('no line holds the stack of an error whose message has been changed since', () => {
    const { telemetry, lines } = recorded();
    const cause = new Error(unrecognisable.prompt);
    cause.message = 'changed';
    telemetry.onSettled?.(
      chatCall(),
      settled({ status: 'failed', error: new GatewayError('internal_error', { cause }) }),
    );
    expect(lines).toMatchObject([{ error_cause: 'Error' }]);
    expect(JSON.stringify(lines)).not.toMatch(canary);
  });
});
