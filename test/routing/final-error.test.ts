import { describe, expect, it } from '@jest/globals';
import type { FaultKind } from '../../src/dialects/canonical.ts';
import { type FailedCall, finalError, type TargetWord } from '../../src/routing/final-error.ts';

/** `a:rate_limit`, `a:rate_limit@7000` (asks for 7,000 ms), `a:server_error#503` (status), `a?ejected` (would take no attempt). */
function words(text: string): readonly TargetWord[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const refusal = /^(\w+)\?(rate_limit|ejected|auth|quota)$/.exec(word);
      if (refusal) return { target: refusal[1]!, unavailable: refusal[2] as 'ejected' };
      const [, target, kind, status, retryAfterMs] = /^(\w+):(\w+?)(?:#(\d+))?(?:@(\d+))?$/.exec(word)!;
      return {
        target: target!,
        fault: {
          kind: kind as FaultKind,
          message: `said by ${target}`,
          ...(status && { status: Number(status) }),
          ...(retryAfterMs && { retryAfterMs: Number(retryAfterMs) }),
        },
      };
    });
}

function answer(text: string, rest: Partial<FailedCall> = {}): string {
  const error = finalError({ words: words(text), deadlinePassed: false, ...rest });
  return [error.status, error.code, ...(error.retryAfter === undefined ? [] : [error.retryAfter])].join(' ');
}

describe('finalError', () => {
  it.each([
    // What the targets said, the answer (with Retry-After in seconds)
    ['a:rate_limit', '429 rate_limit_exceeded 1'],
    ['a:rate_limit@7000', '429 rate_limit_exceeded 7'],
    ['a:rate_limit@7000 b:rate_limit@4000', '429 rate_limit_exceeded 4'],
    ['a:rate_limit@2000 b:rate_limit@9000 a:rate_limit@30000', '429 rate_limit_exceeded 9'],
    ['a:rate_limit@7000 b:rate_limit', '429 rate_limit_exceeded 1'],
    ['a?rate_limit b?rate_limit', '429 rate_limit_exceeded 1'],
    ['a?rate_limit b:rate_limit@3000', '429 rate_limit_exceeded 1'],
    ['a:server_error a:rate_limit', '429 rate_limit_exceeded 1'],
    ['a:rate_limit b:model_not_found', '429 rate_limit_exceeded 1'],
  ])('says 429 with the soonest time when all are rate limited: %s', (said, expected) => {
    expect(answer(said)).toBe(expected);
  });

  it.each([
    ['a:rate_limit b:server_error', '503 no_healthy_upstream 1'],
    ['a:rate_limit@5000 b:server_error@8000', '503 no_healthy_upstream 5'],
    ['a:server_error b:timeout c:connection', '503 no_healthy_upstream 1'],
    ['a:server_error b?ejected', '503 no_healthy_upstream 1'],
    ['a?rate_limit b?ejected', '503 no_healthy_upstream 1'],
    ['a:auth b?ejected', '503 no_healthy_upstream 1'],
    ['a:server_error b:auth a:server_error', '503 no_healthy_upstream 1'],
    ['a:auth b:server_error', '503 no_healthy_upstream 1'],
    ['a:quota b:timeout', '503 no_healthy_upstream 1'],
    ['a:model_not_found b?ejected', '503 no_healthy_upstream 1'],
    ['a:context_window b:server_error', '503 no_healthy_upstream 1'],
    ['a?ejected', '503 no_healthy_upstream 1'],
    ['', '503 no_healthy_upstream 1'],
  ])('says 503 with Retry-After when several failed in different ways, or nobody was asked: "%s"', (said, expected) => {
    expect(answer(said)).toBe(expected);
  });

  it.each([
    ['a:server_error', '502 upstream_error 1'],
    ['a:server_error#503', '503 upstream_overloaded 1'],
    ['a:server_error#503@12000', '503 upstream_overloaded 12'],
    ['a:server_error#529', '503 upstream_overloaded 1'],
    ['a:server_error#504', '504 upstream_timeout 1'],
    ['a:timeout', '504 upstream_timeout 1'],
    ['a:connection a:connection', '502 upstream_connection 1'],
    ['a:rate_limit@90000 a:server_error', '502 upstream_error 1'],
    ['a:invalid_response', '502 upstream_invalid_response 1'],
    ['a:server_error a:server_error a?ejected', '502 upstream_error 1'],
    ['a:timeout b:model_not_found', '503 no_healthy_upstream 1'],
  ])("tells a single target's last failure as it was: %s", (said, expected) => {
    expect(answer(said)).toBe(expected);
  });

  it.each([
    ['a:auth', '502 upstream_auth_failed'],
    ['a:server_error b:auth', '502 upstream_auth_failed'],
    ['a:auth b:model_not_found', '502 upstream_auth_failed'],
    ['a:auth b:auth', '502 upstream_auth_failed'],
    ['a?auth', '502 upstream_auth_failed'],
    ['a?ejected b?auth', '502 upstream_auth_failed'],
    ['a:quota', '502 insufficient_quota'],
    ['a:rate_limit b:quota', '502 insufficient_quota'],
    ['a?quota', '502 insufficient_quota'],
    ['a:invalid_response#302', '502 upstream_redirect'],
    ['a:model_not_found#301', '502 upstream_redirect'],
    ['b?ejected a:model_not_found#301', '502 upstream_redirect'],
    ['a:server_error b:invalid_request#307', '502 upstream_redirect'],
  ])("never blames the caller's key for the gateway's account or addresses: %s", (said, expected) => {
    expect(answer(said)).toBe(expected);
  });

  it.each([
    ['a:invalid_request#400', '400 invalid_request'],
    ['a:invalid_request#413', '413 request_too_large'],
    ['a:invalid_request#422', '422 unprocessable_request'],
    ['a:context_window', '400 context_length_exceeded'],
    ['a:content_filter', '400 content_policy_violation'],
    ['a:server_error b:invalid_request#400', '400 invalid_request'],
    ['a:rate_limit a:context_window', '400 context_length_exceeded'],
    ['a:context_window b:context_window', '400 context_length_exceeded'],
    ['a:model_not_found', '404 model_not_found'],
    ['a:model_not_found b:model_not_found', '404 model_not_found'],
  ])('FO-02: gives the caller its own fault back: %s', (said, expected) => {
    expect(answer(said)).toBe(expected);
  });

  it("passes on the provider's text only with the caller's own fault", () => {
    const message = (said: string) => finalError({ words: words(said), deadlinePassed: false }).message;
    expect(message('a:server_error b:invalid_request#400')).toBe('said by b');
    expect(message('a:model_not_found b:model_not_found')).toBe('said by b');
    for (const said of ['a:rate_limit', 'a:server_error', 'a:server_error b:timeout', 'a:auth', 'a:quota']) {
      expect(message(said)).not.toContain('said by');
    }
  });

  it.each(['', 'a:timeout b:timeout c:timeout', 'a:rate_limit', 'a:auth', 'a?ejected'])(
    'FO-09: says 504 once the deadline has passed, whatever came before: "%s"',
    (said) => {
      expect(answer(said, { deadlinePassed: true, recoversInMs: 9000 })).toBe('504 deadline_exceeded');
    },
  );

  it.each([
    ['a:rate_limit@60000 b:rate_limit@90000', 42_000, '429 rate_limit_exceeded 42'],
    ['a?rate_limit', 1500, '429 rate_limit_exceeded 1.5'],
    ['a?ejected b?ejected', 12_345, '503 no_healthy_upstream 12.345'],
    ['', 30_000, '503 no_healthy_upstream 30'],
    ['a:server_error', 30_000, '502 upstream_error 30'],
    ['a:server_error@8000', 0, '502 upstream_error 8'],
    ['a:server_error@8000', Number.POSITIVE_INFINITY, '502 upstream_error 8'],
    ['a?ejected', 3, '503 no_healthy_upstream 1'],
    ['a:auth', 30_000, '502 upstream_auth_failed'],
    ['a:invalid_request', 30_000, '400 invalid_request'],
  ])(
    'FO-17: takes Retry-After from the soonest recovery where it is known: %s, %d ms',
    (said, recoversInMs, expected) => {
      expect(answer(said, { recoversInMs })).toBe(expected);
    },
  );

  it('keeps the last fault for the log', () => {
    for (const deadlinePassed of [true, false]) {
      const error = finalError({ words: words('a:timeout b:server_error a?ejected'), deadlinePassed });
      expect(error.cause).toMatchObject({ kind: 'server_error' });
    }
  });
});
