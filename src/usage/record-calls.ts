import type { Call, Slot } from '../core/call.ts';
import { type Capability, pass, reject } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import { callEntry, endEntry, reserveEntry } from './call-entries.ts';
import type { LedgerWriter } from './ledger-writer.ts';

export interface RecordCallsSettings {
  readonly writer: LedgerWriter;
  /** Unique over all writers, `[A-Za-z0-9_-]`: begins every id this one gives. */
  readonly writerId: string;
  /** What becomes of calls while the store is down and no more lines can wait for it. */
  readonly whenFull: 'count' | 'refuse';
  /** Hears what a hook threw. */
  readonly onFault: (thrown: unknown) => void;
}

/**
 * Writes every call and every attempt into the ledger. An attempt is in the journal before its first byte goes to the
 * provider, and its end before the caller has the last one. Nothing here can break an answer.
 */
export function recordCalls({ writer, writerId, whenFull, onFault }: RecordCallsSettings): Capability {
  const idSlot: Slot<string> = { name: 'ledger.call' };
  let calls = 0;
  const idOf = (call: Call): string => {
    const known = call.get(idSlot);
    if (known !== undefined) return known;
    calls += 1;
    // Of one width, so that later ids sort behind earlier ones.
    const id = `${writerId}-${calls.toString(36).padStart(8, '0')}`;
    call.set(idSlot, id);
    return id;
  };
  return {
    name: 'ledger',
    ...(whenFull === 'refuse' && { onHead: () => (writer.full ? ledgerFull : pass) }),
    onAttempt: (call, attempt) => writer.append(reserveEntry(call, attempt, idOf(call))),
    onAttemptSettled: (call, attempt) => writer.append(endEntry(call, attempt, idOf(call))),
    onSettled: (call, settlement) => writer.append(callEntry(call, settlement, idOf(call))),
    onFault,
  };
}

const ledgerFull = reject(new GatewayError('ledger_unavailable', { retryAfter: 5 }));
