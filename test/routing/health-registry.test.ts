import { describe, expect, it } from '@jest/globals';
import { type Admitted, defaultHealth, type HealthEvent } from '../../src/routing/health.ts';
import { HealthRegistry, type HealthRegistryOptions } from '../../src/routing/health-registry.ts';
import { type ManualRuntime, manualRuntime } from '../support/manual-runtime.ts';

interface Setup {
  readonly runtime: ManualRuntime;
  readonly health: HealthRegistry;
  readonly events: HealthEvent[];
}

/** Without jitter unless asked for. */
function setup(options: Partial<HealthRegistryOptions> & { random?: () => number } = {}): Setup {
  const { random = () => 0, ...overrides } = options;
  const runtime = manualRuntime({ random });
  const events: HealthEvent[] = [];
  const health = new HealthRegistry(runtime, { ...defaultHealth, ...overrides }, (event) => events.push(event));
  return { runtime, health, events };
}

function admitted(health: HealthRegistry, id: string): Admitted {
  const admission = health.admit(id);
  if (admission.kind !== 'admit') throw new Error(`${id} is unavailable until ${admission.until}`);
  return admission;
}

function fail(health: HealthRegistry, id: string, times = 5): void {
  for (let time = 0; time < times; time += 1) admitted(health, id).fail();
}

describe('HealthRegistry: ejection', () => {
  it('FO-14: ejects after 5 consecutive failures for 30 s, lets nobody through meanwhile, and probes first after', () => {
    const { runtime, health, events } = setup();
    fail(health, 'a', 4);
    expect(health.admit('a').kind).toBe('admit');
    fail(health, 'a', 1);
    expect(events).toEqual([
      { type: 'ejected', target: 'a', durationMs: 30_000, timesEjected: 1, consecutiveFailures: 5 },
    ]);
    for (let second = 0; second < 30; second += 1) {
      expect(health.admit('a')).toEqual({ kind: 'unavailable', reason: 'ejected', until: 30_000 });
      runtime.advance(999);
    }
    runtime.advance(30);
    expect(admitted(health, 'a').role).toBe('probe');
    expect(events.at(-1)).toEqual({ type: 'probing', target: 'a' });
  });

  it('B4: ejects a target with options of its own by those, and the others as before', () => {
    const of = (target: string) =>
      ({ hasty: { consecutiveFailures: 1, cooldown: 1_000 }, patient: { consecutiveFailures: 9 } })[target];
    const { health, events } = setup({ of });
    for (const target of ['hasty', 'usual', 'patient']) {
      while (health.admit(target).kind === 'admit' && events.at(-1)?.target !== target) fail(health, target, 1);
    }
    expect(events).toMatchObject([
      { target: 'hasty', consecutiveFailures: 1, durationMs: 1_000 },
      { target: 'usual', consecutiveFailures: 5, durationMs: 30_000 },
      { target: 'patient', consecutiveFailures: 9, durationMs: 30_000 },
    ]);
  });

  it('FO-01: begins to count anew at each success', () => {
    const { health, events } = setup();
    for (let round = 0; round < 50; round += 1) {
      fail(health, 'a', 4);
      admitted(health, 'a').succeed(10);
    }
    expect(events).toEqual([]);
  });

  it('neither counts nor forgets failures at a neutral end', () => {
    const { health, events } = setup();
    fail(health, 'a', 4);
    for (let time = 0; time < 100; time += 1) admitted(health, 'a').release();
    expect(events).toEqual([]);
    fail(health, 'a', 1);
    expect(events).toHaveLength(1);
  });

  it('FO-21: leaves a target as it was after 10,000 neutral ends', () => {
    const { runtime, health, events } = setup();
    admitted(health, 'a').succeed(20);
    const before = health.snapshot();
    for (let time = 0; time < 10_000; time += 1) admitted(health, 'a').release();
    expect(health.snapshot()).toEqual(before);
    expect(health.standing('a', runtime.now())).toBe('ready');
    expect(events).toEqual([]);
  });

  it('FO-14: ejects longer each time a probe fails, up to 300 s', () => {
    const { runtime, health, events } = setup();
    fail(health, 'a');
    for (let probe = 0; probe < 14; probe += 1) {
      const { until } = health.admit('a') as { until: number };
      runtime.advance(until - runtime.now());
      admitted(health, 'a').fail();
    }
    const durations = events.flatMap((event) => (event.type === 'ejected' ? [event.durationMs] : []));
    expect(durations).toEqual(
      [30, 60, 90, 120, 150, 180, 210, 240, 270, 299.5, 299.5, 299.5, 299.5, 299.5, 299.5].map((s) => s * 1000),
    );
  });

  it.each([0, 0.5, 0.999999])(
    'FO-14: adds a jitter that is never negative, never above half a second (%d)',
    (chance) => {
      const { runtime, health, events } = setup({ random: () => chance });
      fail(health, 'a');
      for (let probe = 0; probe < 12; probe += 1) {
        runtime.advance(300_000);
        admitted(health, 'a').fail();
      }
      const durations = events.flatMap((event) => (event.type === 'ejected' ? [event.durationMs] : []));
      expect(durations[0]).toBeCloseTo(30_000 + 500 * chance);
      expect(durations.at(-1)).toBeCloseTo(299_500 + 500 * chance);
      expect(Math.max(...durations)).toBeLessThanOrEqual(300_000);
    },
  );

  it('grows the cooldown for a target that relapses at once, not for one that was well in between', () => {
    const { runtime, health, events } = setup();
    fail(health, 'a');
    runtime.advance(30_000);
    admitted(health, 'a').succeed();
    fail(health, 'a');
    runtime.advance(60_000);
    admitted(health, 'a').succeed();
    runtime.advance(30_000);
    fail(health, 'a');
    const ejections = events.flatMap((event) => (event.type === 'ejected' ? [event.timesEjected] : []));
    expect(ejections).toEqual([1, 2, 1]);
  });

  it('never ejects when told so', () => {
    const { health, events } = setup({ consecutiveFailures: Number.POSITIVE_INFINITY });
    fail(health, 'a', 10_000);
    expect(events).toEqual([]);
  });

  it('ejects no target for the failures of another', () => {
    const { health } = setup();
    fail(health, 'a');
    expect(health.admit('b').kind).toBe('admit');
  });

  it('does not count what began before the ejection, however it ends', () => {
    const { runtime, health, events } = setup();
    const old = Array.from({ length: 100 }, () => admitted(health, 'a'));
    const lateSuccess = admitted(health, 'a');
    fail(health, 'a');
    for (const admission of old.slice(0, 50)) admission.fail();
    lateSuccess.succeed(10);
    expect(health.admit('a')).toMatchObject({ kind: 'unavailable', until: 30_000 });
    runtime.advance(30_000);
    admitted(health, 'a').succeed();
    for (const admission of old.slice(50)) admission.fail();
    expect(health.admit('a').kind).toBe('admit');
    expect(events.map((event) => event.type)).toEqual(['ejected', 'probing', 'recovered']);
  });
});

describe('HealthRegistry: targets that others go before', () => {
  it('lets attempts through, and stands behind the others until its time', () => {
    const { runtime, health } = setup();
    health.avoid('a', 250);
    health.avoid('a', 100);
    expect(health.standing('a', runtime.now())).toBe('cooling');
    expect(health.isHealthy('a')).toBe(false);
    expect(health.availableIn(['a'])).toBe(0);
    expect(admitted(health, 'a').role).toBe('ordinary');
    runtime.advance(250);
    expect(health.standing('a', runtime.now())).toBe('ready');
  });

  it('is not known to work again before its next success', () => {
    const { runtime, health } = setup();
    health.avoid('a', 250);
    runtime.advance(10_000);
    expect(health.isHealthy('a')).toBe(false);
    admitted(health, 'a').release();
    expect(health.isHealthy('a')).toBe(false);
    admitted(health, 'a').succeed();
    expect(health.isHealthy('a')).toBe(true);
  });

  it('neither opens an ejected target nor one that asked to be left alone, and still probes one whose time has come', () => {
    const { runtime, health } = setup();
    fail(health, 'a');
    health.avoid('a', 40_000);
    expect(health.admit('a')).toMatchObject({ kind: 'unavailable', reason: 'ejected' });
    health.coolDown('b', 5000);
    health.avoid('b', 5000);
    expect(health.admit('b')).toMatchObject({ kind: 'unavailable', reason: 'rate_limit' });
    runtime.advance(30_000);
    expect(admitted(health, 'a').role).toBe('probe');
    expect(health.admit('a').kind).toBe('unavailable');
  });
});

describe('HealthRegistry: probes', () => {
  it('FO-15: lets exactly one of 500 concurrent requests through at the end of the cooldown', () => {
    const { runtime, health } = setup();
    fail(health, 'a');
    runtime.advance(30_000);
    const admissions = Array.from({ length: 500 }, () => health.admit('a'));
    expect(admissions.filter((admission) => admission.kind === 'admit')).toHaveLength(1);
    expect(admissions.at(-1)).toEqual({ kind: 'unavailable', reason: 'ejected', until: 30_000 });
  });

  it('returns the target at the probe success', () => {
    const { runtime, health, events } = setup();
    fail(health, 'a');
    runtime.advance(30_000);
    const probe = admitted(health, 'a');
    probe.succeed(100);
    expect(events.at(-1)).toEqual({ type: 'recovered', target: 'a' });
    expect(Array.from({ length: 500 }, () => health.admit('a').kind)).not.toContain('unavailable');
  });

  it('frees the place of an abandoned probe without a verdict', () => {
    const { runtime, health, events } = setup();
    fail(health, 'a');
    runtime.advance(30_000);
    for (let time = 0; time < 3; time += 1) {
      const probe = admitted(health, 'a');
      expect(probe.role).toBe('probe');
      expect(health.admit('a').kind).toBe('unavailable');
      probe.release();
    }
    expect(events.filter((event) => event.type === 'ejected')).toHaveLength(1);
  });

  it.each([
    ['succeed', 'fail'],
    ['fail', 'succeed'],
    ['fail', 'fail'],
    ['release', 'fail'],
    ['release', 'succeed'],
  ] as const)('takes the first report of an admission only: %s, then %s', (first, second) => {
    const once = setup();
    const twice = setup();
    for (const { runtime, health } of [once, twice]) {
      fail(health, 'a');
      runtime.advance(30_000);
      admitted(health, 'a')[first]();
    }
    const again = setup();
    fail(again.health, 'a');
    again.runtime.advance(30_000);
    const probe = admitted(again.health, 'a');
    probe[first]();
    probe[second]();
    probe[second]();
    expect(again.health.snapshot()).toEqual(once.health.snapshot());
    expect(again.events).toEqual(once.events);
    expect(again.health.admit('a').kind).toBe(once.health.admit('a').kind);
  });

  it('does not let a late second report of an old probe free the place of the next one', () => {
    const { runtime, health } = setup();
    fail(health, 'a');
    runtime.advance(30_000);
    const first = admitted(health, 'a');
    first.release();
    const second = admitted(health, 'a');
    first.release();
    first.succeed();
    expect(health.admit('a').kind).toBe('unavailable');
    second.succeed();
    expect(health.admit('a').kind).toBe('admit');
  });

  it('FO-20: takes up load slowly within 10 s of the recovery', () => {
    const { runtime, health } = setup();
    fail(health, 'a');
    runtime.advance(30_000);
    admitted(health, 'a').succeed();
    const factors = Array.from({ length: 12 }, () => {
      const now = runtime.now();
      runtime.advance(1000);
      return [health.standing('a', now), health.loadFactor('a', now)];
    });
    expect(factors).toEqual([
      ['warming', 0.1],
      ['warming', 0.1],
      ...[0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((factor) => ['warming', factor]),
      ['ready', 1],
      ['ready', 1],
    ]);
  });
});

describe('HealthRegistry: last resort', () => {
  function allOut(...ids: readonly string[]): Setup {
    const made = setup();
    for (const id of ids) {
      fail(made.health, id);
      made.runtime.advance(1000);
    }
    return made;
  }

  it('FO-17: with all ejected, lets one attempt at a time go to the least recently failed, others wait for the soonest', () => {
    const { health } = allOut('a', 'b', 'c');
    const first = health.admitLastResort(['c', 'b', 'a']);
    expect(first).toMatchObject({ kind: 'admit', role: 'last_resort', target: 'a' });
    for (let time = 0; time < 100; time += 1) {
      expect(health.admitLastResort(['a', 'b', 'c'])).toEqual({
        kind: 'unavailable',
        reason: 'ejected',
        until: 30_000,
      });
    }
    expect(health.snapshot().map(({ target, status }) => `${target} ${status}`)).toEqual([
      'a probing',
      'b ejected',
      'c ejected',
    ]);
  });

  it('FO-17: goes on to the next least recently failed when one fails again', () => {
    const { runtime, health } = allOut('a', 'b', 'c');
    const order: string[] = [];
    for (let time = 0; time < 6; time += 1) {
      runtime.advance(100);
      const admission = health.admitLastResort(['a', 'b', 'c']) as Admitted;
      order.push(admission.target);
      admission.fail();
    }
    expect(order.join('')).toBe('abcabc');
  });

  it('FO-17: recovers by a last resort that succeeds, without waiting for the cooldown', () => {
    const { runtime, health, events } = allOut('a', 'b');
    (health.admitLastResort(['a', 'b']) as Admitted).succeed(5);
    expect(events.at(-1)).toEqual({ type: 'recovered', target: 'a' });
    expect(health.standing('a', runtime.now())).toBe('warming');
    expect(health.admit('a')).toMatchObject({ kind: 'admit', role: 'ordinary' });
  });

  it('does not put off the next probe by a last resort that fails', () => {
    const { health, events } = allOut('a', 'b');
    for (let time = 0; time < 50; time += 1) (health.admitLastResort(['a', 'b']) as Admitted).fail();
    expect(health.admit('a')).toMatchObject({ until: 30_000 });
    expect(health.admit('b')).toMatchObject({ until: 31_000 });
    expect(events).toHaveLength(2);
  });

  it('frees the place of an abandoned last resort', () => {
    const { health } = allOut('a', 'b');
    (health.admitLastResort(['a', 'b']) as Admitted).release();
    expect(health.admitLastResort(['a', 'b']).kind).toBe('admit');
  });

  it('FO-17: counts a probe of another call as the one attempt under way', () => {
    const { runtime, health } = allOut('a', 'b');
    runtime.advance(28_000);
    expect(admitted(health, 'a').role).toBe('probe');
    expect(health.admitLastResort(['a', 'b']).kind).toBe('unavailable');
    expect(health.admitLastResort(['b']).kind).toBe('admit');
  });

  it('is not for calls that still have a target in rotation or due for a probe', () => {
    const { runtime, health } = allOut('a', 'b');
    expect(health.admitLastResort(['a', 'c'])).toMatchObject({ kind: 'unavailable', until: runtime.now() });
    runtime.advance(28_000);
    expect(health.admitLastResort(['a', 'b'])).toMatchObject({ kind: 'unavailable', until: runtime.now() });
  });

  it('leaves rate-limited targets alone', () => {
    const { runtime, health } = allOut('a', 'b');
    health.coolDown('a', 90_000);
    health.coolDown('c', 3000);
    const admission = health.admitLastResort(['a', 'b', 'c']);
    expect(admission).toMatchObject({ kind: 'admit', target: 'b' });
    expect(health.admitLastResort(['c'])).toEqual({ kind: 'unavailable', reason: 'rate_limit', until: 3000 });
    expect(health.availableIn(['a', 'b', 'c'])).toBe(3000 - runtime.now());
  });

  it('answers for a call without any target', () => {
    expect(setup().health.admitLastResort([])).toEqual({ kind: 'unavailable', reason: 'ejected', until: 0 });
  });
});

describe('HealthRegistry: rate limits', () => {
  it('keeps a cooled target out until its time, without judging it', () => {
    const { runtime, health, events } = setup();
    health.coolDown('a', 4000);
    expect(health.admit('a')).toEqual({ kind: 'unavailable', reason: 'rate_limit', until: 4000 });
    expect(health.snapshot()).toEqual([{ target: 'a', status: 'rate_limited', consecutiveFailures: 0, errorRate: 0 }]);
    runtime.advance(4000);
    expect(admitted(health, 'a').role).toBe('ordinary');
    expect(health.loadFactor('a', runtime.now())).toBe(1);
    expect(events).toEqual([]);
  });

  it.each([1000, Number.NaN, Number.POSITIVE_INFINITY])('keeps the longest time asked for (then %d)', (later) => {
    const { health } = setup();
    health.coolDown('a', 4000);
    health.coolDown('a', later);
    expect(health.admit('a')).toMatchObject({ until: 4000 });
  });

  it('lets no probe go to an ejected target that wants to be left alone', () => {
    const { runtime, health } = setup();
    fail(health, 'a');
    health.coolDown('a', 45_000);
    runtime.advance(30_000);
    expect(health.admit('a')).toEqual({ kind: 'unavailable', reason: 'rate_limit', until: 45_000 });
    runtime.advance(15_000);
    expect(admitted(health, 'a').role).toBe('probe');
  });

  it('knows the soonest time over several targets', () => {
    const { runtime, health } = setup();
    fail(health, 'a');
    health.coolDown('b', 20_000);
    expect(health.availableIn(['a', 'b'])).toBe(20_000);
    expect(health.availableIn(['a'])).toBe(30_000);
    expect(health.availableIn(['a', 'unknown'])).toBe(0);
    expect(health.availableIn([])).toBe(0);
    runtime.advance(40_000);
    expect(health.availableIn(['a', 'b'])).toBe(0);
  });
});

describe('HealthRegistry: what it tells', () => {
  it('calls a target healthy while nothing has failed since its last success', () => {
    const { runtime, health } = setup();
    expect(health.isHealthy('a')).toBe(true);
    fail(health, 'a', 1);
    expect(health.isHealthy('a')).toBe(false);
    admitted(health, 'a').succeed();
    expect(health.isHealthy('a')).toBe(true);
    health.coolDown('a', 1000);
    expect(health.isHealthy('a')).toBe(false);
    runtime.advance(1000);
    fail(health, 'a');
    runtime.advance(30_000);
    expect(health.isHealthy('a')).toBe(false);
    admitted(health, 'a').succeed();
    expect(health.isHealthy('a')).toBe(true);
  });

  it('averages latency and errors over recent attempts', () => {
    const { health } = setup();
    admitted(health, 'a').succeed(100);
    admitted(health, 'a').succeed(200);
    admitted(health, 'a').fail();
    admitted(health, 'a').release();
    expect(health.snapshot()).toEqual([
      { target: 'a', status: 'healthy', consecutiveFailures: 1, errorRate: 1 / 3, latencyMs: 150 },
    ]);
    for (let time = 0; time < 100; time += 1) admitted(health, 'a').succeed(400);
    const [after] = health.snapshot();
    expect(after?.latencyMs).toBeCloseTo(400, 0);
    expect(after?.errorRate).toBeLessThan(0.001);
    expect(health.latency('a')).toBe(after?.latencyMs);
    expect(health.latency('unknown')).toBeUndefined();
  });

  it('shows each state by its word, and the end of an ejection as a date', () => {
    const { runtime, health } = setup();
    const status = () => health.snapshot()[0];
    admitted(health, 'a').succeed();
    expect(status()).not.toHaveProperty('latencyMs');
    fail(health, 'a');
    const until = runtime.wallTime() + 30_000;
    runtime.advance(7000);
    expect(status()).toMatchObject({ status: 'ejected', consecutiveFailures: 5, ejectedUntil: until });
    runtime.advance(23_000);
    const probe = admitted(health, 'a');
    expect(status()).toMatchObject({ status: 'probing', ejectedUntil: until });
    probe.succeed();
    expect(status()).toMatchObject({ status: 'recovering', consecutiveFailures: 0 });
    expect(status()).not.toHaveProperty('ejectedUntil');
    runtime.advance(10_000);
    expect(status()).toMatchObject({ status: 'healthy' });
  });

  it('survives a listener that throws, and tells it only what has already happened', () => {
    const runtime = manualRuntime();
    const seen: string[] = [];
    const health: HealthRegistry = new HealthRegistry(runtime, defaultHealth, (event) => {
      seen.push(`${event.type} ${health.snapshot()[0]?.status}`);
      throw new Error('listener');
    });
    fail(health, 'a');
    runtime.advance(31_000);
    admitted(health, 'a').succeed();
    expect(seen).toEqual(['ejected ejected', 'probing probing', 'recovered recovering']);
    expect(health.admit('a').kind).toBe('admit');
  });
});

describe('HealthRegistry: memory', () => {
  it('remembers a bounded number of targets, and forgets the unused ones in rotation first', () => {
    const { runtime, health } = setup({ maxTargets: 5 });
    fail(health, 'sick');
    health.coolDown('limited', 3_600_000);
    for (const id of ['x', 'busy', 'y']) {
      runtime.advance(1);
      admitted(health, id).succeed(1);
    }
    for (let name = 0; name < 10_000; name += 1) {
      runtime.advance(1);
      admitted(health, 'busy').succeed(1);
      admitted(health, `made-up-${name}`).release();
    }
    const names = health.snapshot().map((each) => each.target);
    expect(names).toHaveLength(5);
    expect(names).toEqual(expect.arrayContaining(['sick', 'limited', 'busy', 'made-up-9999']));
  });

  it('forgets even sick targets when all are sick, but none with a probe under way', () => {
    const { runtime, health } = setup({ maxTargets: 3 });
    for (const id of ['a', 'b', 'c']) {
      fail(health, id);
      runtime.advance(1);
    }
    runtime.advance(30_000);
    const probe = admitted(health, 'a');
    for (let name = 0; name < 100; name += 1) {
      runtime.advance(1);
      fail(health, `down-${name}`);
    }
    expect(health.snapshot()).toHaveLength(3);
    expect(health.admit('a').kind).toBe('unavailable');
    probe.succeed();
    expect(health.admit('a').kind).toBe('admit');
  });
});
