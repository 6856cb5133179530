import { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import type { Standing } from './reply-headers.ts';
import type { Rule } from './rules.ts';

/** The error of a call that rules have no room for: of the one it has to wait longest for. */
export function refusal(standings: readonly Standing[]): GatewayError {
  const refusing = standings.filter(({ rule, state }) => !rule.shadow && state.waitMs > 0);
  const longest = refusing.reduce<Standing | undefined>(
    (known, other) => (known === undefined || other.state.waitMs > known.state.waitMs ? other : known),
    undefined,
  );
  const retryAfter = Math.max(1, Math.ceil((longest?.state.waitMs ?? 0) / 1_000));
  const words = longest === undefined ? '' : ` of ${longest.rule.words}`;
  return new GatewayError('rate_limit_exceeded', {
    message: `The limit${words} is reached. Try again in ${retryAfter} s.`,
    retryAfter,
  });
}

/** The error of a request that a limit never has room for: official clients are told not to send it again. */
export function tooLargeFor(rule: Rule, most: number): GatewayError {
  return new GatewayError('rate_limit_exceeded', {
    message: `The request has more than the ${most} tokens that the limit of ${rule.words} allows at once.`,
    retryAfter: Math.max(1, Math.ceil((rule.shape.kind === 'fixed-window' ? rule.shape.windowMs : 1_000) / 1_000)),
    headers: { [header.shouldRetry]: 'false' },
  });
}
