import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'undici';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { ask, bodyOf, dialects, headersOf, pathOf } from './support/ask.ts';

let wall: FakeProvider;

beforeEach(async () => {
  wall = await startFakeProvider();
});

afterEach(async () => {
  await wall.close();
});

/** Starts a call and returns how to abort it. */
function start(model: string, agent: Agent): { readonly abort: () => void; readonly ended: Promise<unknown> } {
  const question = { dialect: 'openai-chat', model, stream: true } as const;
  const controller = new AbortController();
  const ended = request(wall.url + pathOf(question), {
    method: 'POST',
    headers: headersOf(question),
    body: JSON.stringify(bodyOf(question)),
    dispatcher: agent,
    signal: controller.signal,
  })
    .then((response) => response.body.text())
    .catch((thrown: unknown) => thrown);
  return { abort: () => controller.abort(), ended };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < 2000 && !condition(); waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(condition()).toBe(true);
}

describe('the records of a fake provider', () => {
  it.each(dialects)('keep what a %s request brought and what it got', async (dialect) => {
    const model = 'demo+pace(1)+no_done';
    const seen = await ask(wall, { dialect, model, stream: true, headers: { 'X-Trace': 'one' } });
    await wall.whenIdle();
    const [call] = wall.calls;
    expect(call).toMatchObject({
      number: 1,
      dialect,
      operation: 'chat',
      method: 'POST',
      path: pathOf({ dialect, model, stream: true }),
      model,
      faults: ['pace', 'no_done'],
      refusal: undefined,
      status: 200,
      outcome: 'answered',
      bytesSent: seen.bytes.length,
      json: bodyOf({ dialect, model, stream: true }),
    });
    expect(call?.headers['x-trace']).toBe('one');
    expect(call?.rawHeaders).toEqual(expect.arrayContaining(['X-Trace', 'one']));
    expect(JSON.parse(call?.body.toString() ?? '')).toEqual(call?.json);
    expect(call?.contentChunks).toBeGreaterThan(5);
    expect(call?.endedAt).toBeGreaterThanOrEqual(call?.receivedAt ?? Number.POSITIVE_INFINITY);
  });

  it('keep the bytes of a body that is no JSON', async () => {
    await ask(wall, { dialect: 'openai-chat', body: '{"a": 1e400, ' });
    expect(wall.calls[0]).toMatchObject({ json: undefined, refusal: { status: 400 } });
    expect(wall.calls[0]?.body.toString()).toBe('{"a": 1e400, ');
  });

  it('tell a refused request from a broken answer', async () => {
    await ask(wall, { dialect: 'openai-chat', fields: { temperature: 3 } });
    await ask(wall, { dialect: 'openai-chat', model: 'e400' });
    expect(wall.calls.map((call) => [call.status, call.refusal?.status, call.faults])).toEqual([
      [400, 400, []],
      [400, undefined, ['e400']],
    ]);
    expect(wall.stats()).toMatchObject({ calls: 2, refused: 1, aborted: 0 });
  });

  it('tell what the provider broke from what the client aborted', async () => {
    await ask(wall, { dialect: 'openai-chat', model: 'cut(1)', stream: true });
    await ask(wall, { dialect: 'openai-chat', model: 'rst_before_headers' });
    await ask(wall, { dialect: 'openai-chat', model: 'stall(1)', stream: true, patience: 50 });
    await wall.whenIdle();
    expect(wall.calls.map((call) => call.outcome)).toEqual(['broken', 'broken', 'aborted']);
  });

  it.each(['nohdr', 'stall(2)', 'stall(0)', 'trickle(50)', 'slow(5000)', 'pace(5000)', 'longline'])(
    'show at once that the client left a call under %s',
    async (model) => {
      const agent = new Agent();
      const { abort, ended } = start(`demo+${model}`, agent);
      await until(() => wall.stats().open === 1 && wall.calls[0]?.body.length !== 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
      abort();
      await ended;
      await wall.whenIdle();
      expect(wall.calls[0]?.outcome).toBe('aborted');
      expect(wall.stats()).toMatchObject({ aborted: 1, open: 0 });
      await agent.destroy();
    },
  );

  it('count calls, sockets and bytes', async () => {
    const agent = new Agent({ connections: 4 });
    const running = Array.from({ length: 4 }, () => start('demo+slow(50)', agent));
    await until(() => wall.stats().open === 4);
    expect(wall.stats()).toMatchObject({ calls: 4, open: 4, maxOpen: 4, openSockets: 4, sockets: 4 });
    await Promise.all(running.map(({ ended }) => ended));
    await start('demo', agent).ended;
    await wall.whenIdle();
    const stats = wall.stats();
    expect(stats).toMatchObject({ calls: 5, open: 0, maxOpen: 4, openSockets: 4, sockets: 4, aborted: 0, refused: 0 });
    expect(stats.bytesReceived).toBe(wall.calls.reduce((total, call) => total + call.body.length, 0));
    expect(stats.bytesSent).toBeGreaterThan(5 * 500);
    await agent.close();
    await until(() => wall.stats().openSockets === 0);
  });

  it('count a client that goes in the middle of its request as aborted', async () => {
    const socket = connect(Number(new URL(wall.url).port), '127.0.0.1');
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model":');
    await until(() => wall.stats().open === 1);
    socket.destroy();
    await wall.whenIdle();
    expect(wall.calls[0]?.outcome).toBe('aborted');
  });

  it('start over with reset, random numbers included', async () => {
    const ids = async (): Promise<string> =>
      (await ask(wall, { dialect: 'openai-chat' })).bytes.toString().slice(0, 40);
    const first = await ids();
    const second = await ids();
    expect(second).not.toBe(first);
    await wall.whenIdle();
    wall.script({ text: 'never said' });
    wall.breakWith('e500');
    wall.reset();
    expect(wall.calls).toEqual([]);
    expect(wall.stats()).toMatchObject({ calls: 0, bytesSent: 0 });
    expect(await ids()).toBe(first);
  });

  it('hold as many calls as they are told to, and count all', async () => {
    const short = await startFakeProvider({ remember: 2 });
    for (const model of ['a', 'b', 'c', 'd']) await ask(short, { dialect: 'openai-chat', model });
    await short.whenIdle();
    expect(short.calls.map((call) => [call.number, call.model])).toEqual([
      [3, 'c'],
      [4, 'd'],
    ]);
    const { bytesReceived } = short.stats();
    expect(short.stats()).toMatchObject({ calls: 4, refused: 0 });
    expect(bytesReceived).toBe(4 * (short.calls[0]?.body.length ?? 0));
    await short.close();
  });

  it('name the calls that hang when whenIdle loses its patience', async () => {
    const agent = new Agent();
    const { abort, ended } = start('demo+nohdr', agent);
    await until(() => wall.stats().open === 1 && wall.calls[0]?.model !== '');
    await expect(wall.whenIdle(30)).rejects.toThrow(
      'The fake provider is not idle after 30 ms: #1 POST /v1/chat/completions (demo+nohdr)',
    );
    abort();
    await ended;
    await wall.whenIdle();
    await agent.destroy();
  });
});

describe('closing a fake provider', () => {
  it('leaves no connection, no timer and no listener, whatever is under way', async () => {
    const before = process.getActiveResourcesInfo().filter(counts).length;
    const other = await startFakeProvider({ tokenDelay: 1000 });
    const agent = new Agent();
    const ended = ['nohdr', 'stall(1)', 'slow(5000)', 'trickle(1000)', 'longline', 'bomb', 'demo'].map((model) =>
      request(`${other.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hi' }] }),
        dispatcher: agent,
      })
        .then((response) => response.body.dump({ limit: 1e9 }))
        .catch((thrown: unknown) => thrown),
    );
    await until(() => other.stats().open >= 6);
    await other.close();
    await Promise.all(ended);
    await agent.destroy();
    expect(other.stats()).toMatchObject({ open: 0, openSockets: 0, aborted: 0 });
    await until(() => process.getActiveResourcesInfo().filter(counts).length <= before);
    await expect(fetch(`${other.url}/v1/models`)).rejects.toThrow('fetch failed');
  });

  it('may be asked for twice', async () => {
    const other = await startFakeProvider();
    await Promise.all([other.close(), other.close()]);
    await expect(other.close()).resolves.toBeUndefined();
  });

  it('fails when a model name asked for a fault that does not exist', async () => {
    const other = await startFakeProvider();
    const seen = await ask(other, { dialect: 'anthropic-messages', model: 'demo+stal(3)' });
    expect([seen.status, seen.bytes.toString()]).toEqual([400, expect.stringContaining('did you mean \\"stall\\"?')]);
    await expect(other.close()).rejects.toThrow('Unknown fault "stal(3)" (did you mean "stall"?).');
  });
});

function counts(resource: string): boolean {
  return resource === 'TCPSocketWrap' || resource === 'TCPServerWrap' || resource === 'Timeout';
}
