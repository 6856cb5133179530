import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import express4 from 'express4';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createAuth } from '../../src/auth/index.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import type { Middleware } from '../../src/express/http-types.ts';
import { mount, mountAll } from '../../src/express/mount.ts';
import { createFailover } from '../../src/failover/index.ts';
import { createProviderTranslate } from '../../src/provider-translate/index.ts';
import { createTelemetry } from '../../src/telemetry/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, createWitness, listen, until, wallProviders } from '../support/test-app.ts';

const key = 'a-caller-key-0123456789';
const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
const question = { model: 'anthropic/demo-small', messages: [{ role: 'user', content: 'say: hi' }] };

let wall: FakeProvider;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  wall.reset();
});

async function serve(app: Parameters<typeof listen>[0]): Promise<string> {
  const listening = await listen(app);
  open.push(listening.close);
  return listening.url;
}

type Line = Readonly<Record<string, unknown>>;

function telemetryInto(lines: Line[]): Capability {
  return createTelemetry({ logger: { log: (entry) => lines.push({ ...entry }) } });
}

const auth = (): Capability => createAuth({ keys: [{ key, team: 'search' }] }, {});
const translateNext = (): Capability =>
  createProviderTranslate(
    { forward: 'next', providers: { anthropic: wallProviders(wall).anthropic } },
    { environment: {} },
  );

function failover(): Capability {
  const made = createFailover({ providers: wallProviders(wall) }, { environment: {} });
  open.push(() => made.close());
  return made;
}

const codeOf = (text: string): string => JSON.parse(text).error.code;
const messageOf = (text: string): string => JSON.parse(text).error.message;

describe('the hand-over to a proxy, behind every subset of the others', () => {
  const fronts = [[], ['telemetry'], ['auth'], ['telemetry', 'auth'], ['auth', 'telemetry']] as const;
  const table = (['Express 4', 'Express 5'] as const).flatMap((framework) =>
    fronts.flatMap((front) =>
      (['no', 'first', 'last'] as const).flatMap((parser) =>
        (['', '/api/v2'] as const).map((place) => ({
          framework,
          front,
          parser,
          place,
          names: front.join(', ') || 'nothing',
        })),
      ),
    ),
  );

  it.each(table)(
    '$framework: $names, express.json() $parser, at "$place"',
    async ({ framework, front, parser, place }) => {
      const create = framework === 'Express 4' ? express4 : express5;
      const lines: Line[] = [];
      const app = create();
      if (parser === 'first') app.use(create.json());
      for (const name of front)
        app.use(place === '' ? '/' : place, mount(name === 'auth' ? auth() : telemetryInto(lines)));
      if (parser === 'last') app.use(create.json());
      const proxy = createProxyMiddleware({ target: wall.url, changeOrigin: true });
      app.use(`${place}/v1/chat/completions`, mount(translateNext()), proxy);
      const url = (await serve(app)) + place;
      for (const stream of [false, true]) {
        const answer = await chat(url, { ...question, stream }, { headers });
        expect([answer.status, answer.broken]).toEqual([200, false]);
        expect(answer.text).toContain(stream ? 'data: [DONE]' : '"content":"hi"');
        expect(answer.headers.get('x-provider')).toBe('anthropic');
      }
      if (front.some((name) => name === 'auth')) expect((await chat(url, question)).status).toBe(401);
      if (front.some((name) => name === 'telemetry')) {
        await until(() => lines.filter(({ status }) => status === 'ok').length === 2);
        for (const line of lines.filter(({ status }) => status === 'ok')) {
          expect(line).toMatchObject({
            provider: 'anthropic',
            requested_model: question.model,
            output_tokens: 1,
            attempts: 1,
          });
        }
      }
      await wall.whenIdle();
    },
  );
});

describe('mounted twice', () => {
  it('one telemetry on the app and again on the route writes one line, two of them one each', async () => {
    const shared: Line[] = [];
    const own: Line[] = [];
    const telemetry = mount(telemetryInto(shared));
    const app = express5();
    app.use(telemetry);
    app.post('/v1/chat/completions', telemetry, mount(telemetryInto(own)), mount(failover()));
    const url = await serve(app);
    for (let index = 0; index < 3; index += 1) await chat(url, question);
    await until(() => own.length === 3);
    expect([shared.length, own.length]).toEqual([3, 3]);
    expect(shared.map((line) => line.request_id)).toEqual(own.map((line) => line.request_id));
  });

  it('one auth on the app and again on the route names the caller once', async () => {
    const guard = mount(auth());
    const app = express5();
    app.use(guard);
    app.post('/v1/chat/completions', guard, mount(failover()));
    const url = await serve(app);
    expect((await chat(url, question, { headers })).status).toBe(200);
    expect((await chat(url, question)).status).toBe(401);
  });

  it('in two apps of one process, nothing of one call shows in the other', async () => {
    const apps = await Promise.all(
      [0, 1].map(async () => {
        const lines: Line[] = [];
        const app = express5();
        app.use(mount(telemetryInto(lines)), mount(auth()), mount(failover()));
        return { lines, url: await serve(app) };
      }),
    );
    await Promise.all(
      apps.flatMap(({ url }, index) => Array.from({ length: 5 + index }, () => chat(url, question, { headers }))),
    );
    await until(() => apps.every(({ lines }, index) => lines.length === 5 + index));
    const ids = apps.flatMap(({ lines }) => lines.map((line) => line.request_id));
    expect(new Set(ids).size).toBe(11);
  });

  it('one set of middlewares serves two apps', async () => {
    const lines: Line[] = [];
    const chain: Middleware[] = [mount(telemetryInto(lines)), mount(auth()), mount(failover())];
    const urls = await Promise.all([express5, express4].map((create) => serve(create().use(...chain))));
    for (const url of urls) expect((await chat(url, question, { headers })).status).toBe(200);
    await until(() => lines.length === 2);
  });
});

describe('mounted where it cannot work', () => {
  const cases: readonly (readonly [string, () => readonly Capability[], RegExp])[] = [
    ['auth behind the hand-over', () => [translateNext(), auth()], /`auth`.*`providerTranslate`/],
    ['failover behind the hand-over', () => [translateNext(), failover()], /`failover`.*`providerTranslate`/],
    ['two hand-overs', () => [translateNext(), translateNext()], /`providerTranslate`.*`providerTranslate`/],
    ['two auths', () => [auth(), auth(), failover()], /`auth`/],
    [
      'a capability behind what it must stand before',
      () => [
        { name: 'cache', onRequest: () => pass },
        { name: 'limits', standsBefore: { cache: 'hits would not count.' }, onHead: () => pass },
        failover(),
      ],
      /`limits` is mounted after `cache`: hits would not count\./,
    ],
  ];

  it.each(cases)('%s is refused on the first request, naming both', async (_what, chain, message) => {
    const { capability, settlements } = createWitness();
    const app = express5();
    app.use(mount(capability), ...chain().map((one) => mount(one)));
    app.use((_request, response) => void response.json({ never: 'reached' }));
    const answer = await chat(await serve(app), question, { headers });
    expect([answer.status, codeOf(answer.text)]).toEqual([500, 'wrong_mount']);
    expect(messageOf(answer.text)).toMatch(message);
    await until(() => settlements.length === 1);
    expect(settlements[0]).toMatchObject({ status: 'failed', error: { code: 'wrong_mount' } });
    expect(wall.calls).toHaveLength(0);
  });
});

describe('mount without Express', () => {
  it('serves a plain server of Node, and passes on what is not its own', async () => {
    const middleware = mount(failover());
    const server = createServer((request, response) => {
      if (request.url === '/v1/chat/completions') middleware(request, response, () => response.writeHead(404).end());
      else response.end('own');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    expect((await chat(url, question)).status).toBe(200);
    expect(await (await fetch(url)).text()).toBe('own');
  });

  it('bears the name of its capability, for stack traces and route lists', () => {
    expect(mount(auth()).name).toBe('auth');
    expect(mountAll([], { name: 'nothing' }).name).toBe('nothing');
    expect(mount(auth())).toHaveLength(3);
  });
});
