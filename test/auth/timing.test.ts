import { describe, expect, it } from '@jest/globals';
import { createAuth } from '../../src/auth/index.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { callWith } from './support.ts';

const key = 'sk-gateway-0123456789abcdef0123456789abcdef';
const samplesPerClass = 20_000;
const marks = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ!$%&()=+.:;_~^'];

/** Calls with wrong keys, as flat strings, which is what a parser of headers makes. */
const callsWith = (wrong: readonly string[]) =>
  wrong.map((sent) => callWith({ headers: ['x-api-key', Buffer.from(sent).toString('latin1')] }));
const differAtStart = callsWith(marks.map((mark) => `${mark}${key.slice(1)}`));
const differAtEnd = callsWith(marks.map((mark) => `${key.slice(0, -1)}${mark}`));

/**
 * Wrong keys that differ early and late, against a key of their length and against a shorter one: the keys sent are the
 * same, since a longer one takes longer to hash, which tells its sender nothing new. Many instances with a secret of
 * their own, made in turns and anew for each round: what one digest or one place in memory costs says nothing.
 */
function makeClasses() {
  const pairs = Array.from({ length: 64 }, () => ({
    sameLength: createAuth({ keys: [{ key }] }),
    otherLength: createAuth({ keys: [{ key: key.slice(0, -1) }] }),
  }));
  return [differAtStart, differAtEnd].flatMap((calls) => [
    { calls, capabilities: pairs.map((pair) => pair.sameLength) },
    { calls, capabilities: pairs.map((pair) => pair.otherLength) },
  ]);
}

/** Nanoseconds per class. Which class comes next is left to chance, so that no class always follows the same one. */
function measure(random: () => number): readonly (readonly number[])[] {
  const classes = makeClasses();
  const times = classes.map((): number[] => []);
  for (let sample = 0; sample < samplesPerClass * classes.length; sample += 1) {
    const index = Math.floor(random() * classes.length);
    const { calls, capabilities } = classes[index] ?? { calls: [], capabilities: [] };
    const call = calls[Math.floor(random() * calls.length)];
    const auth = capabilities[Math.floor(random() * capabilities.length)];
    if (call === undefined || auth === undefined) throw new Error('there is no such class');
    const startedAt = process.hrtime.bigint();
    auth.onHead?.(call);
    times[index]?.push(Number(process.hrtime.bigint() - startedAt));
  }
  return times;
}

/** Welch's t of two samples without their slowest tenth, which is the machine's noise: dudect does the same. */
function welch(left: readonly number[], right: readonly number[]): number {
  const a = moments(left);
  const b = moments(right);
  return (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);
}

function moments(sample: readonly number[]) {
  const kept = [...sample].sort((x, y) => x - y).slice(0, Math.floor(sample.length * 0.9));
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
}

describe('AU-05 the time a wrong key takes', () => {
  it('tells neither where it differs from the right one nor whether its length is right', () => {
    const random = seededRandom(11);
    measure(random);
    // A leak shows in every round; a passing disturbance of the machine does not show in three.
    const rounds = [1, 2, 3].map(() => {
      const times = measure(random);
      return Math.max(
        ...times.flatMap((left, index) => times.slice(index + 1).map((right) => Math.abs(welch(left, right)))),
      );
    });
    expect(Math.min(...rounds)).toBeLessThan(4.5);
  });
});
