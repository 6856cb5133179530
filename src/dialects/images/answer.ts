import { GatewayError } from '../../core/errors.ts';
import type { UpstreamFault } from '../canonical/fault.ts';

/** @throws never; the error of an answer that holds no picture and no reason for it */
export function noPicture(): GatewayError {
  return new GatewayError('upstream_invalid_response');
}

/** The provider made no picture because of what the prompt asks for. */
export function filtered(reason: string | undefined): UpstreamFault {
  return {
    kind: 'content_filter',
    message: "The provider's content policy stopped every picture.",
    ...(reason !== undefined && { code: reason }),
  };
}
