import type {
  CounterShape,
  CounterState,
  Draw,
  LimitStore,
  Settling,
  TakeRequest,
  TakeResult,
} from '../../rate-limit/limit-store.ts';
import { renewScript, settleScript, takeScript } from './limit-scripts.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Slots renewed by one script: a longer one would hold up everybody else. */
const renewalsAtOnce = 500;

/**
 * Limits shared by all processes of one Redis: one script and one round trip for a call, whatever the number of its
 * limits. The connection stays open until `close`.
 */
export function redisLimitStore(connection: RedisConnection): LimitStore {
  const keyOf = (key: string) => `${connection.prefix}:limit:${key}`;

  async function settle(id: string, settlings: readonly Settling[]): Promise<void> {
    if (settlings.length === 0) return;
    await connection.evaluate(settleScript, {
      keys: settlings.map(({ key }) => keyOf(key)),
      values: [
        id,
        '0',
        ...settlings.flatMap(({ shape, unused, windowEnd }) =>
          counterValues(shape, { amount: unused, shadow: false, windowEnd }),
        ),
      ],
    });
  }

  return {
    async take({ id, draws, leaseMs }) {
      const reply = await connection.evaluate(takeScript, {
        keys: draws.map(({ key }) => keyOf(key)),
        values: [id, String(leaseMs), ...draws.flatMap((draw) => counterValues(draw.shape, { ...draw, windowEnd: 0 }))],
        late(lateReply) {
          const result = readResult(lateReply, draws);
          // Nobody waited for it: the call has been counted elsewhere. What cannot be undone heals by itself.
          if (result.taken) settle(id, undone(draws, result)).catch(() => {});
        },
      });
      return readResult(reply, draws);
    },

    settle,

    async renew(slots, leaseMs) {
      for (let start = 0; start < slots.length; start += renewalsAtOnce) {
        const batch = slots.slice(start, start + renewalsAtOnce);
        await connection.evaluate(renewScript, {
          keys: batch.map(({ key }) => keyOf(key)),
          values: [String(leaseMs), ...batch.map(({ id }) => id)],
        });
      }
    },
  };
}

interface CounterUse {
  readonly amount: number;
  readonly shadow: boolean;
  readonly windowEnd: number;
}

/** As the scripts read it. */
function counterValues(shape: CounterShape, { amount, shadow, windowEnd }: CounterUse): readonly string[] {
  const use = [String(amount), shadow ? '1' : '0', String(windowEnd)];
  switch (shape.kind) {
    case 'token-bucket':
      return ['b', ...use, String(shape.capacity), String(shape.rate), String(shape.unit)];
    case 'fixed-window':
      return ['w', ...use, String(shape.limit), String(shape.windowMs), '0'];
    case 'concurrent':
      return ['s', ...use, String(shape.limit), '0', '0'];
  }
}

/** @throws TypeError for anything but what the script answers: it is then as if there were no store */
function readResult(reply: unknown, draws: readonly Draw[]): TakeResult {
  if (!Array.isArray(reply) || reply.length !== 1 + draws.length * 4 || !reply.every(Number.isSafeInteger)) {
    throw new TypeError('Redis answered something else than the state of the limits.');
  }
  const numbers: readonly number[] = reply;
  return {
    taken: numbers[0] === 1,
    states: draws.map(({ key }, index): CounterState => {
      const [remaining = 0, waitMs = 0, resetMs = 0, windowEnd = 0] = numbers.slice(1 + index * 4, 5 + index * 4);
      return { key, remaining, waitMs, resetMs, windowEnd };
    }),
  };
}

/** What takes a whole take back. */
function undone(draws: TakeRequest['draws'], { states }: TakeResult): readonly Settling[] {
  return draws.flatMap(({ group, shape, amount }, index) => {
    const state = states[index];
    if (state === undefined || state.waitMs > 0) return [];
    return [{ key: state.key, group, shape, unused: amount, windowEnd: state.windowEnd }];
  });
}
