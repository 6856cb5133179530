import { maskKeys } from '../attempt/mask-keys.ts';
import { GatewayError } from '../core/errors.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import type { ProviderInstance } from '../providers/provider.ts';
import { faultError, isCallersFault } from '../routing/fault-error.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const longestMessage = 1000;
const redirects: ReadonlySet<number> = new Set([300, 301, 302, 303, 305, 307, 308]);

/** Whether a provider sends its callers elsewhere. 304 does not. */
export function isRedirectStatus(status: number): boolean {
  return redirects.has(status);
}

/** What went wrong at the provider, with its own keys blacked out. */
export function readProviderFault(instance: ProviderInstance, { status, headers, body }: ErrorAnswer): UpstreamFault {
  const header = (name: string): string | undefined => headers[name.toLowerCase()]?.toString();
  return maskKeys({ ...instance.provider.dialect.error.decode(status, header, body), status }, instance.apiKeys);
}

/**
 * What the caller reads of it. A provider knows its files and batches and the gateway does not, so a refusal keeps its
 * status and its words; what concerns the gateway's own account stays with the gateway.
 */
export function providerError(fault: UpstreamFault): GatewayError {
  const { status } = fault;
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 403;
  if (!refused || !isCallersFault(fault.kind)) return faultError(fault);
  return new GatewayError(status === 404 ? 'not_found' : 'invalid_request', {
    status,
    ...(fault.message.trim() !== '' && { message: fault.message.slice(0, longestMessage) }),
    ...(fault.param !== undefined && { param: fault.param }),
    ...(fault.code !== undefined && { providerCode: fault.code }),
    cause: fault,
  });
}
