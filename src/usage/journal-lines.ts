import { isJsonObject } from '../core/json.ts';
import type { AttemptEntry, CallEntry, LedgerEntry } from './ledger.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Members of an entry in the order in which a line of the journal holds them. Never reordered, only added to at the end. */
const attemptMembers = [
  'phase',
  'attemptId',
  'callId',
  'requestId',
  'number',
  'keyId',
  'user',
  'team',
  'project',
  'feature',
  'requestedModel',
  'provider',
  'model',
  'keyNumber',
  'status',
  'fault',
  'httpStatus',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'usageSource',
  'costNanoUsd',
  'priceVersion',
  'reservedAt',
  'at',
  'latencyMs',
  'firstOutputMs',
] as const satisfies readonly (keyof AttemptEntry)[];

const callMembers = [
  'callId',
  'requestId',
  'keyId',
  'user',
  'team',
  'project',
  'feature',
  'tags',
  'operation',
  'dialect',
  'stream',
  'requestedModel',
  'provider',
  'model',
  'status',
  'errorCode',
  'httpStatus',
  'attempts',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'usageSource',
  'costNanoUsd',
  'createdAt',
  'endedAt',
  'latencyMs',
  'firstOutputMs',
] as const satisfies readonly (keyof CallEntry)[];

/** What a journal says: the lines of the ledger, and calls that are open whose attempts are settled already. */
export type JournalRecord = LedgerEntry | { readonly entry: 'open'; readonly attempt: AttemptEntry };

/** A line of the journal: a list, which is half the size and half the time of an object. */
export function journalLine(record: JournalRecord): string {
  switch (record.entry) {
    case 'attempt':
      return attemptLine('a', record);
    case 'open':
      return attemptLine('o', record.attempt);
    case 'call': {
      const values: unknown[] = ['c'];
      for (const member of callMembers) values.push(record[member]);
      return `${JSON.stringify(values)}\n`;
    }
  }
}

function attemptLine(sign: 'a' | 'o', attempt: AttemptEntry): string {
  const values: unknown[] = [sign];
  for (const member of attemptMembers) values.push(attempt[member]);
  return `${JSON.stringify(values)}\n`;
}

/** What a line says; `undefined` for one that was cut off or damaged. */
export function readJournalLine(line: string): JournalRecord | undefined {
  const values = parsed(line);
  if (!Array.isArray(values)) return undefined;
  if (values[0] === 'c' && values.length === callMembers.length + 1) {
    return { entry: 'call', ...members(callMembers, values) } as CallEntry;
  }
  if (values.length !== attemptMembers.length + 1) return undefined;
  const attempt = { entry: 'attempt', ...members(attemptMembers, values) } as AttemptEntry;
  if (values[0] === 'a') return attempt;
  return values[0] === 'o' ? { entry: 'open', attempt } : undefined;
}

function members(names: readonly string[], values: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index + 1]]));
}

/** The first line of a journal. */
export function journalHeader(identity: ProcessIdentity): string {
  return `${JSON.stringify({ journal: 1, ...identity })}\n`;
}

export function readJournalHeader(line: string): ProcessIdentity | undefined {
  const value = parsed(line);
  if (!isJsonObject(value) || value.journal !== 1) return undefined;
  const { host, pid, started } = value;
  if (typeof host !== 'string' || typeof pid !== 'number' || typeof started !== 'string') return undefined;
  return { host, pid, started };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
