import { describe, expect, it } from '@jest/globals';
import { describePlugin } from '../../src/kong/kong-plugin.ts';
import { type ManualRuntime, manualRuntime, seededRandom } from '../support/manual-runtime.ts';
import { until } from '../support/test-app.ts';
import { faultAnswer, plugin, start } from './support.ts';

const answered500 = { kind: 'answered', status: 500, body: faultAnswer[1], errors: [] };

/** Lets everything run that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

function timed(runtime: ManualRuntime) {
  return { runtime, deadline: 10_000 };
}

describe('a phase', () => {
  it('makes its calls in turn with Kong and lets the request pass', async () => {
    const { kong, server } = await start({
      plugins: [
        plugin('p', async (pdk) => {
          const path = await pdk.request.getPathWithQuery();
          await pdk.ctx.shared.set('path', String(path));
        }),
      ],
    });
    const outcome = await kong.handle({ plugin: 'p', path: '/a?b=c' });
    expect(outcome).toMatchObject({ kind: 'proxied', shared: { path: '/a?b=c' }, errors: [] });
    expect(outcome.calls).toEqual(['kong.request.get_path_with_query', 'kong.ctx.shared.set']);
    expect(server.runningPhases).toBe(0);
  });

  it('may call nothing at all', async () => {
    const { kong, server } = await start({ plugins: [plugin('p', async () => {})] });
    expect(await kong.handle({ plugin: 'p' })).toMatchObject({ kind: 'proxied', calls: [], errors: [] });
    expect(server.runningPhases).toBe(0);
  });

  it('may call several things at once, which are made one after the other', async () => {
    const { kong } = await start({
      plugins: [
        plugin('p', async (pdk) => {
          const [path, method] = await Promise.all([pdk.request.getPathWithQuery(), pdk.request.getMethod()]);
          await pdk.ctx.shared.set('both', `${method} ${path}`);
        }),
      ],
    });
    expect(await kong.handle({ plugin: 'p', path: '/x' })).toMatchObject({ shared: { both: 'POST /x' } });
  });

  it('may leave a call unawaited, which is made all the same', async () => {
    const { kong } = await start({
      plugins: [
        plugin('p', async (pdk) => {
          void pdk.ctx.shared.set('a', '1');
        }),
      ],
    });
    expect(await kong.handle({ plugin: 'p' })).toMatchObject({ shared: { a: '1' }, errors: [] });
  });

  it('is over with its exit: later calls fail instead of hanging', async () => {
    let after: unknown;
    const { kong, server } = await start({
      plugins: [
        plugin('p', async (pdk) => {
          await pdk.response.exit(401, 'no', { 'x-a': 'b' });
          after = await pdk.request.getMethod().catch((error: unknown) => error);
        }),
      ],
    });
    const outcome = await kong.handle({ plugin: 'p' });
    expect(outcome).toMatchObject({ kind: 'answered', status: 401, body: 'no', headers: { 'x-a': 'b' } });
    await settle();
    expect(String(after)).toMatch(/after the end of the phase/);
    expect(server.runningPhases).toBe(0);
  });

  it('leaves no trace in 10,000 exits', async () => {
    const { kong, server } = await start({
      plugins: [plugin('p', async (pdk) => void (await pdk.response.exit(401, 'no', {})))],
    });
    for (let round = 0; round < 100; round += 1) {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => kong.handle({ plugin: 'p' })));
      expect(outcomes.every((outcome) => outcome.status === 401)).toBe(true);
    }
    expect(server.runningPhases).toBe(0);
    expect(server.startedInstances).toBeLessThanOrEqual(100);
  });
});

describe('KG-02 a phase that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('secret prompt');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret prompt'))],
  ])('ends the request with 500 when it %s, and the server lives on', async (_, access) => {
    const { kong, server, lines } = await start({ plugins: [plugin('p', access), plugin('q', async () => {})] });
    expect(await kong.handle({ plugin: 'p' })).toMatchObject(answered500);
    expect(await kong.handle({ plugin: 'q', pluginId: 'q' })).toMatchObject({ kind: 'proxied', errors: [] });
    expect(server.runningPhases).toBe(0);
    expect(lines).toMatchObject([{ level: 'error', message: 'plugin-failed', plugin: 'p', phase: 'access' }]);
    expect(JSON.stringify(lines)).not.toContain('secret prompt');
  });

  it('ends the request with 500 when it outlasts its deadline', async () => {
    const runtime = manualRuntime();
    const { kong, server, lines } = await start({
      plugins: [plugin('p', () => new Promise(() => {}))],
      ...timed(runtime),
    });
    const outcome = kong.handle({ plugin: 'p' });
    await until(() => server.runningPhases > 0);
    runtime.advance(9_999);
    await settle();
    expect(server.runningPhases).toBe(1);
    runtime.advance(1);
    expect(await outcome).toMatchObject(answered500);
    expect(server.runningPhases).toBe(0);
    expect(lines).toMatchObject([{ message: 'plugin-timeout', plugin: 'p', phase: 'access' }]);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it('is forgotten when Kong has gone away in the middle of it', async () => {
    const runtime = manualRuntime();
    let failure: unknown;
    const { kong, server } = await start({
      plugins: [
        plugin('p', async (pdk) => {
          failure = await pdk.request.getMethod().catch((error: unknown) => error);
        }),
      ],
      ...timed(runtime),
    });
    const { Id } = await kong.rpc('plugin.StartInstance', { Name: 'p', Config: '{}' });
    const step = await kong.rpc('plugin.HandleEvent', { InstanceId: Id, EventName: 'access' });
    expect(step.Data).toEqual({ Method: 'kong.request.get_method', Args: [] });
    runtime.advance(10_000);
    await settle();
    expect(server.runningPhases).toBe(0);
    expect(String(failure)).toMatch(/ended before/);
  });

  it('gives the plugin an error it can catch when Kong could not make its call', async () => {
    const { kong } = await start({
      plugins: [
        plugin('p', async (pdk) => {
          const failure = await pdk.request.getMethod().catch((error: unknown) => error);
          await pdk.ctx.shared.set('failure', String(failure));
        }),
      ],
    });
    const { Id } = await kong.rpc('plugin.StartInstance', { Name: 'p', Config: '{}' });
    const { EventId } = await kong.rpc('plugin.HandleEvent', { InstanceId: Id, EventName: 'access' });
    const step = await kong.rpc('plugin.StepError', { EventId, Data: 'bad phase' });
    expect(step.Data).toMatchObject({ Args: ['failure', 'Error: kong.request.get_method failed: bad phase'] });
  });

  it('ends nothing after the response: a log phase that fails is only logged', async () => {
    const { kong, lines } = await start({
      plugins: [plugin('p', () => Promise.reject(new Error('boom')), 'log')],
    });
    expect(await kong.handle({ plugin: 'p', phase: 'log' })).toMatchObject({ kind: 'proxied', errors: [] });
    expect(lines).toMatchObject([{ message: 'plugin-failed', phase: 'log' }]);
  });
});

describe('a plugin server that was restarted', () => {
  const answering = (name: string) =>
    plugin(name, async (pdk, config) => void (await pdk.response.exit(Number(config.status), name, {})));

  it('never runs the configuration of another plugin', async () => {
    const plugins = [answering('a'), answering('b')];
    const random = seededRandom(3);
    const first = await start({ plugins, runtime: manualRuntime({ random }) });
    await first.kong.handle({ plugin: 'a', pluginId: 'a', config: { status: 401 } });
    await first.kong.handle({ plugin: 'b', pluginId: 'b', config: { status: 429 } });
    first.stop();
    const second = await start({ plugins, runtime: manualRuntime({ random }), path: first.path });
    // The order of the first requests is another one now.
    expect(await first.kong.handle({ plugin: 'b', pluginId: 'b', config: { status: 429 } })).toMatchObject({
      status: 429,
    });
    expect(await first.kong.handle({ plugin: 'a', pluginId: 'a', config: { status: 401 } })).toMatchObject({
      status: 401,
    });
    expect(second.server.startedInstances).toBe(2);
  });

  it('refuses a request whose phase began before: an error would let it through', async () => {
    const { kong } = await start({ plugins: [plugin('p', async () => {})] });
    const step = await kong.rpc('plugin.Step', { EventId: 12_345, Data: 'x' });
    expect(step).toMatchObject({ EventId: 12_345, Data: { Method: 'kong.response.exit', Args: faultAnswer } });
  });
});

describe('an instance', () => {
  it('is unknown after Kong has closed it', async () => {
    const { kong, server } = await start({ plugins: [plugin('p', async () => {})] });
    const { Id } = await kong.rpc('plugin.StartInstance', { Name: 'p', Config: '{"a":1}' });
    expect(await kong.rpc('plugin.CloseInstance', Id)).toEqual({ Name: 'p', Id });
    expect(server.startedInstances).toBe(0);
    await expect(kong.rpc('plugin.CloseInstance', Id)).rejects.toThrow(/no plugin instance/);
    await expect(kong.rpc('plugin.HandleEvent', { InstanceId: Id, EventName: 'access' })).rejects.toThrow(
      /no plugin instance/,
    );
  });

  it('is forgotten when no worker has used it for an hour', async () => {
    const runtime = manualRuntime();
    const { kong, server } = await start({ plugins: [plugin('p', async () => {})], runtime });
    await kong.rpc('plugin.StartInstance', { Name: 'p', Config: '{}' });
    runtime.advance(60 * 60_000 + 1);
    await kong.rpc('plugin.StartInstance', { Name: 'p', Config: '{}' });
    expect(server.startedInstances).toBe(1);
  });

  it.each<[string, string, unknown, RegExp]>([
    ['of a plugin that is not here', 'plugin.StartInstance', { Name: 'nope', Config: '{}' }, /there is no plugin nope/],
    ['whose configuration is no JSON', 'plugin.StartInstance', { Name: 'p', Config: '{' }, /JSON/],
    ['by a method that does not exist', 'plugin.Explode', {}, /method plugin\.Explode is not implemented/],
    ['by the name of a property', 'plugin.__proto__', {}, /is not implemented/],
    ['with no argument', 'plugin.StartInstance', undefined, /there is no plugin/],
  ])('%s is refused with a reason', async (_, method, argument, reason) => {
    const { kong } = await start({ plugins: [plugin('p', async () => {})] });
    await expect(kong.rpc(method, argument)).rejects.toThrow(reason);
  });

  it('has only the phases it declares', async () => {
    const { kong } = await start({ plugins: [plugin('p', async () => {})] });
    const { Id } = await kong.rpc('plugin.StartInstance', { Name: 'p', Config: '{}' });
    await expect(kong.rpc('plugin.HandleEvent', { InstanceId: Id, EventName: 'response' })).rejects.toThrow(
      /p has no phase response/,
    );
    expect(describePlugin(plugin('p', async () => {})).Phases).toEqual(['access']);
  });
});

describe('draining', () => {
  it('waits for the phases that are running', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { kong, server } = await start({ plugins: [plugin('p', () => promise)] });
    await server.idle();
    const outcome = kong.handle({ plugin: 'p' });
    await until(() => server.runningPhases > 0);
    let idle = false;
    const drained = server.idle().then(() => {
      idle = true;
    });
    await settle();
    expect(idle).toBe(false);
    resolve();
    await drained;
    expect(await outcome).toMatchObject({ kind: 'proxied', errors: [] });
  });
});
