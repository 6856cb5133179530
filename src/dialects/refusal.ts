import { GatewayError } from '../core/errors.ts';

/** The error of a request that means nothing; it names the place, as in `messages.0.content.1`. */
export function refusal(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', { param, message: `${param}: ${problem}.` });
}
