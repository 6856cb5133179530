import type { Attempt } from '../attempt/attempt.ts';
import type { OutgoingRequest } from '../attempt/inquiry.ts';
import type { Call } from '../core/call.ts';
import { header } from '../core/header-names.ts';
import type { Reply } from '../core/reply.ts';
import type { Target } from '../providers/provider.ts';

/** One call, ready to go to its target. */
export interface Translation {
  readonly call: Call;
  readonly target: Target;
  readonly outgoing: OutgoingRequest;
  /** Name, value, name, value, ... */
  readonly headers: readonly string[];
  readonly attempt: Attempt;
}

/** The reply with the headers that say who answered. */
export function withHeaders(reply: Reply, { target, outgoing }: Translation): Reply {
  return {
    ...reply,
    headers: {
      ...reply.headers,
      [header.provider]: target.instance.name,
      [header.attempts]: 1,
      ...(outgoing.dropped.length > 0 && { [header.droppedParams]: outgoing.dropped.join(', ') }),
    },
  };
}
