import type { RequestHead } from './call.ts';
import { GatewayError } from './errors.ts';

/**
 * Refuses requests that two servers could read in two ways. Node's parser catches most; these it lets through, and a
 * proxy in front of us may have taken the other one.
 *
 * https://www.rfc-editor.org/rfc/rfc9112#section-3.2 (one Host), #section-6.1 (transfer codings)
 */
export function checkHead(head: RequestHead): GatewayError | undefined {
  const { rawHeaders } = head;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    // The length first: this runs for every header of every request.
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return invalid('The `Host` header was sent twice.');
  const coding = head.headers['transfer-encoding'];
  if (coding !== undefined && String(coding).trim().toLowerCase() !== 'chunked') {
    return invalid('The only transfer coding taken here is `chunked`.');
  }
  return undefined;
}

/** Closes the connection: where this request ends is a matter of opinion, and so where the next one begins. */
function invalid(message: string): GatewayError {
  return new GatewayError('invalid_headers', { message, headers: { connection: 'close' } });
}
