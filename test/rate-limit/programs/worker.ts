import { Call } from '../../../src/core/call.ts';
import { runGate } from '../../../src/core/gate.ts';
import { systemRuntime } from '../../../src/core/runtime.ts';
import { createRateLimit, type LimitOptions } from '../../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../../src/stores/memory/limit-store.ts';
import { connectRedis, redisLimitStore } from '../../../src/stores/redis/index.ts';

/**
 * One of several processes that share limits: for each of several limits, sends calls through `rateLimit` and prints how
 * many passed. Arguments: address of Redis, the limits as JSON by prefix, number of calls, milliseconds its clocks are off.
 */
const [url = '', limits = '{}', count = '0', skew = '0'] = process.argv.slice(2);
const off = Number(skew);
const runtime = {
  ...systemRuntime,
  now: () => systemRuntime.now() + off,
  wallTime: () => systemRuntime.wallTime() + off,
};
const together = 64;

async function admittedBy(prefix: string, limit: LimitOptions): Promise<number> {
  const connection = connectRedis({ url, prefix, commandTimeout: '20s' }, runtime);
  const capability = createRateLimit(
    { limits: [limit], store: redisLimitStore(connection), whenStoreFails: 'refuse' },
    { local: memoryLimitStore({}, runtime), runtime },
  );
  let left = Number(count);
  let admitted = 0;
  const send = async () => {
    while (left > 0) {
      left -= 1;
      const decision = await runGate(newCall(), capability);
      if (decision.kind === 'pass') admitted += 1;
      else if (decision.kind === 'reject' && decision.error.code !== 'rate_limit_exceeded') throw decision.error;
    }
  };
  await Promise.all(Array.from({ length: together }, send));
  await connection.close();
  return admitted;
}

function newCall(): Call {
  return new Call({
    head: { method: 'POST', path: '/v1/chat/completions', headers: {}, rawHeaders: [] },
    dialect: 'openai-chat',
    operation: 'chat',
    runtime,
    readBody: () => ({ json: {} }),
  });
}

const admitted: Record<string, number> = {};
for (const [prefix, limit] of Object.entries<LimitOptions>(JSON.parse(limits))) {
  admitted[prefix] = await admittedBy(prefix, limit);
}
process.stdout.write(JSON.stringify(admitted));
