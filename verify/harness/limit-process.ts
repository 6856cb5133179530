import { Call } from '../../src/core/call.ts';
import { runGate } from '../../src/core/gate.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { createRateLimit, type LimitOptions } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { redisLimitStore } from '../../src/stores/redis/index.ts';
import { connectRedis, redisScript } from '../../src/stores/redis/redis-connection.ts';
import { pause } from './gateway.ts';
import type { LimitJob } from './limit-workers.ts';
import { closedLoop } from './load.ts';

/*
 * One of several processes that share limits. It is told its job in its first argument, sends calls through `rateLimit`,
 * one limit after another, and tells how many passed each.
 */

const job: LimitJob = JSON.parse(process.argv[2] ?? '{}');
const runtime = {
  ...systemRuntime,
  now: () => systemRuntime.now() + job.skewMs,
  wallTime: () => systemRuntime.wallTime() + job.skewMs,
};
const connection = connectRedis({ url: job.url, prefix: job.prefix, commandTimeout: '20s' }, runtime);
await connected();
const admitted: number[] = [];
for (const limit of job.limits) admitted.push(await admittedBy(limit));
await connection.close();
process.send?.(admitted);
process.disconnect?.();

async function admittedBy(limit: LimitOptions): Promise<number> {
  const capability = createRateLimit(
    { limits: [limit], store: redisLimitStore(connection), whenStoreFails: 'refuse' },
    { local: memoryLimitStore({}, runtime), runtime },
  );
  let count = 0;
  await closedLoop({ requests: job.calls, concurrency: 64 }, async () => {
    const decision = await runGate(newCall(), capability);
    if (decision.kind === 'pass') count += 1;
    else if (decision.kind === 'reject' && decision.error.code !== 'rate_limit_exceeded') throw decision.error;
  });
  return count;
}

/** On a busy machine a connection may take more than one try. */
async function connected(): Promise<void> {
  const question = redisScript('return 1');
  for (;;) {
    try {
      await connection.evaluate(question, { keys: [], values: [] });
      return;
    } catch {
      await pause(50);
    }
  }
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
