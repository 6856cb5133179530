import { createHash } from 'node:crypto';
import { createClient } from '@redis/client';
import { z } from 'zod';
import { parseOptions } from '../../core/options.ts';
import { patience } from '../../core/patience.ts';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import { type Duration, duration } from '../../core/units.ts';
import { CircuitBreaker } from '../circuit-breaker.ts';

/** How Redis is reached. */
export interface RedisOptions {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. */
  readonly url: string;
  /**
   * What all keys begin with. It stands in braces in each key, so that in a cluster all keys of one prefix live on one
   * node: what belongs together is changed together.
   * @default 'aigw'
   */
  readonly prefix?: string;
  /**
   * How long a request waits for an answer of Redis before it goes on without.
   * @default '200ms'
   */
  readonly commandTimeout?: Duration;
}

/** A Lua script, made once. */
export interface RedisScript {
  readonly source: string;
  readonly sha: string;
}

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** Takes an answer that came after nobody waited any more: what the script has done is done. */
  readonly late?: (reply: unknown) => void;
}

/** Redis does not answer now: not connected, too slow, or it has refused the command. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

/** One connection, shared by all stores of a process, that never makes a request wait longer than the command timeout. */
export interface RedisConnection {
  readonly prefix: string;
  /** @throws RedisUnavailableError within the command timeout; at once while Redis is known to be gone */
  evaluate(script: RedisScript, call: ScriptCall): Promise<unknown>;
  close(): Promise<void>;
}

export function redisScript(source: string): RedisScript {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

const schema = z.strictObject({
  url: z.string().regex(/^rediss?:\/\/\S+$/, 'must be an address such as "redis://localhost:6379"'),
  prefix: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'must be at most 64 letters, digits, dots, dashes, colons or underscores')
    .default('aigw'),
  commandTimeout: duration.default(200),
});

/**
 * Connects in the background and reconnects by itself. Works as well when Redis is not there yet: until it is, every
 * command fails fast.
 *
 * @throws ConfigurationError naming the option and the fix; never the address, which may hold a password
 */
export function connectRedis(options: RedisOptions, runtime: Runtime = systemRuntime): RedisConnection {
  const { url, prefix, commandTimeout } = parseOptions(schema, options, 'redis');
  const client = newClient(url);
  const firstTry = new Promise((resolve, reject) => {
    client.once('ready', resolve);
    // Faults of the socket are seen as faults of the commands; without a listener Node would end the process.
    client.on('error', reject);
  });
  firstTry.catch(() => {});
  client.connect().catch(() => {});
  const breaker = new CircuitBreaker({ runtime, probe: () => client.ping() });

  async function send({ source, sha }: RedisScript, keys: string[], values: string[]): Promise<unknown> {
    if (!client.isReady) await firstTry;
    try {
      return await client.evalSha(sha, { keys, arguments: values });
    } catch (thrown) {
      // A server that was started anew does not know the script.
      if (!isNoScript(thrown)) throw thrown;
      return client.eval(source, { keys, arguments: values });
    }
  }

  return {
    prefix: `{${prefix}}`,
    async evaluate(script, { keys, values, late }) {
      if (!breaker.allows()) throw new RedisUnavailableError('Redis has not answered for a while.');
      try {
        const reply = await withinTime(send(script, [...keys], [...values]), { commandTimeout, runtime, late });
        breaker.succeeded();
        return reply;
      } catch (thrown) {
        breaker.failed();
        throw thrown instanceof RedisUnavailableError
          ? thrown
          : new RedisUnavailableError('Redis could not answer.', { cause: thrown });
      }
    },
    async close() {
      if (client.isReady) await Promise.race([client.close(), pause(commandTimeout, runtime)]);
      if (client.isOpen) client.destroy();
    },
  };
}

function newClient(url: string) {
  return createClient({
    url,
    // Commands wait for nobody: what cannot be sent now fails now.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    // With the time limit below: a connection whose other end has vanished is noticed.
    pingInterval: 10_000,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: 1_000,
      socketTimeout: 30_000,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 6), 2_000),
    },
  });
}

function isNoScript(thrown: unknown): boolean {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'message' in thrown &&
    typeof thrown.message === 'string' &&
    thrown.message.startsWith('NOSCRIPT')
  );
}

interface TimeLimit {
  readonly commandTimeout: number;
  readonly runtime: Runtime;
  readonly late: ((reply: unknown) => void) | undefined;
}

function withinTime(pending: Promise<unknown>, { commandTimeout, runtime, late }: TimeLimit): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let overdue = false;
    const giveUp = () => {
      overdue = true;
      reject(new RedisUnavailableError(`Redis has not answered within ${commandTimeout} ms.`));
    };
    const timer = patience(runtime, commandTimeout, giveUp);
    pending.then(
      (reply) => {
        timer.cancel();
        if (overdue) late?.(reply);
        else resolve(reply);
      },
      (thrown: unknown) => {
        timer.cancel();
        reject(thrown);
      },
    );
  });
}

function pause(milliseconds: number, runtime: Runtime): Promise<void> {
  return new Promise((resolve) => {
    runtime.after(milliseconds, resolve);
  });
}
