import type { Caller } from '../core/call.ts';
import type { Capability } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { errorReply, type Reply } from '../core/reply.ts';
import type { Filter } from './ledger.ts';
import type { Ledger } from './ledger-keeper.ts';
import { csvTable } from './usage-csv.ts';
import { type UsageFigures, usageFigures } from './usage-figures.ts';
import { readUsageQuery, type UsageQuery } from './usage-query.ts';
import { type UsageLine, type UsageReport, usageReport } from './usage-report.ts';

/**
 * `GET /usage`: spend, requests, tokens, errors, cache hits and times, added up as the query asks. A caller sees what
 * belongs to its team; without a team, to its user; without either, to its key. An admin sees everything.
 */
export function usageEndpoint(ledger: Ledger): Capability {
  return {
    name: 'usage',
    async answer(call) {
      try {
        const query = readUsageQuery(call.head.path.split('?', 2)[1] ?? '', call.runtime.wallTime());
        const reply = asReply(query, await report(ledger, query, call.caller));
        call.finish({ status: 'ok', httpStatus: reply.status });
        return reply;
      } catch (thrown) {
        const error = thrown instanceof GatewayError ? thrown : unavailable(thrown);
        call.finish({ status: error.status >= 500 ? 'failed' : 'rejected', httpStatus: error.status, error });
        return errorReply(error, call.dialect);
      }
    },
  };
}

async function report(ledger: Ledger, query: UsageQuery, caller: Caller): Promise<UsageReport> {
  // What this process has counted is in the answer; if the store is down, reading it says so.
  await ledger.flush();
  return usageReport(ledger.store, query, ownUsage(caller));
}

function ownUsage({ admin, team, user, keyId, mayNameUser }: Caller): readonly Filter[] {
  if (admin === true) return [];
  if (team !== undefined) return [{ dimension: 'team', value: team }];
  // Who may say on whose behalf it calls would otherwise see the usage of whomever it names.
  if (user !== undefined && mayNameUser !== true) return [{ dimension: 'user', value: user }];
  return [{ dimension: 'key', value: keyId }];
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError('ledger_unavailable', { retryAfter: 5, cause });
}

function asReply(query: UsageQuery, { lines, groups, total }: UsageReport): Reply {
  return query.format === 'csv' ? csvReply(query, lines) : jsonReply(query, { lines, groups, total });
}

function jsonReply(query: UsageQuery, { lines, groups, total }: UsageReport): Reply {
  const { clock, limit, offset } = query;
  const body: JsonObject = {
    object: 'usage',
    from: clock.format(query.from),
    to: clock.format(query.to),
    timezone: clock.zone,
    group_by: groupNames(query),
    total: { ...usageFigures(total) },
    data: lines.map((line) => ({ ...named(query, line), ...usageFigures(line.measures) })),
    groups,
    has_more: offset + lines.length < groups,
    next_offset: offset + lines.length < groups ? offset + limit : null,
  };
  return reply('application/json; charset=utf-8', JSON.stringify(body));
}

function csvReply(query: UsageQuery, lines: readonly UsageLine[]): Reply {
  const names = groupNames(query);
  const rows = lines.map((line) => {
    const figures: UsageFigures = usageFigures(line.measures);
    return [...names.map((name) => named(query, line)[name]), ...figureNames.map((name) => figures[name])];
  });
  return reply('text/csv; charset=utf-8; header=present', csvTable([...names, ...figureNames], rows));
}

const figureNames = [
  'requests',
  'errors',
  'rejected',
  'cache_hits',
  'error_rate',
  'cache_hit_rate',
  'average_latency_ms',
  'average_first_token_ms',
  'attempts',
  'unpriced_attempts',
  'cost_usd',
  'cost_nano_usd',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
] as const satisfies readonly (keyof UsageFigures)[];

function groupNames({ time, groupBy }: UsageQuery): readonly string[] {
  return [...(time === undefined ? [] : [time]), ...groupBy];
}

function named({ time, groupBy }: UsageQuery, line: UsageLine): Readonly<Record<string, string | null>> {
  return {
    ...(time !== undefined && { [time]: line.time ?? null }),
    ...Object.fromEntries(groupBy.map((dimension, index) => [dimension, line.group[index] ?? null])),
  };
}

function reply(contentType: string, body: string): Reply {
  return { kind: 'whole', status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body };
}
