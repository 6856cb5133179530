import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aigwAuth, kongPlugins } from '../../src/kong/index.ts';
import { describePlugin } from '../../src/kong/kong-plugin.ts';
import { FakeKong } from '../support/fake-kong.ts';

const run = promisify(execFile);
const key = 'sk-gateway-ana-0123456789';
const config = { keys: [{ key, id: 'ana' }] };
const program = resolve('src/kong/main.ts');
const stockServer = resolve('node_modules/kong-pdk/bin/kong-js-pluginserver');
const nodeFlags = ['--disable-warning=ExperimentalWarning'];

/** A project that has the plugin files and the package installed, as far as Node can tell. */
let project: string;
const children: ChildProcess[] = [];
const workers: FakeKong[] = [];

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'aigw-project-'));
  const installed = join(project, 'node_modules', 'ai-gateway-middleware');
  mkdirSync(installed, { recursive: true });
  writeFileSync(
    join(installed, 'package.json'),
    JSON.stringify({ name: 'ai-gateway-middleware', type: 'module', exports: { './kong': './src/kong/index.ts' } }),
  );
  symlinkSync(resolve('src'), join(installed, 'src'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  cpSync(resolve('plugins'), join(project, 'plugins'), { recursive: true });
});
afterEach(() => {
  for (const worker of workers.splice(0)) worker.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

async function spawnServer(args: readonly string[], socket: string): Promise<ChildProcess> {
  rmSync(socket, { force: true });
  // What Kong gives to a process it starts is little more than this.
  const child = spawn(process.execPath, [...nodeFlags, ...args], {
    cwd: project,
    env: { GATEWAY_API_KEYS: `env:${key}` },
  });
  children.push(child);
  const failed = new Promise((_, reject) => child.once('exit', (code) => reject(new Error(`exited with ${code}`))));
  await Promise.race([untilAccepting(socket), failed]);
  return child;
}

/** A socket that is there need not take connections yet: the stock server binds first and listens later. */
async function untilAccepting(path: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await accepts(path)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Nobody listens on ${path}.`);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function worker(socket: string): FakeKong {
  const kong = new FakeKong(socket);
  workers.push(kong);
  return kong;
}

const ask = { plugin: 'aigw-auth', path: '/v1/chat/completions' };

describe('aigw-kong', () => {
  it.each([['dump', 'aigw-auth'], ['dump-all']])('%s prints what Kong parses, and nothing else', async (...args) => {
    const { stdout, stderr } = await run(process.execPath, [...nodeFlags, program, ...args]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([describePlugin(aigwAuth)]);
    expect(JSON.parse(stdout)).toMatchObject([{ Name: 'aigw-auth', Priority: 1240, Phases: ['access'] }]);
  });

  it.each([
    [['dump', 'nope'], /There is no plugin "nope"\. There are: aigw-auth/],
    [['dump'], /aigw-kong dump NAME/],
    [['serve'], /give --socket PATH/],
    [['serve', '--socket', '/tmp/x', '--deadline', '60s'], /"deadline" must be below 60s/],
    [['serve', '--socket', '/tmp/x', '--deadline', '10'], /"deadline" must be a duration with its unit/],
    [['--sokket', 'x'], /--sokket/],
  ])('refuses %j with a reason, and prints nothing for Kong to parse', async (args, reason) => {
    await expect(run(process.execPath, [...nodeFlags, program, ...args])).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(reason),
    });
  });

  it('serves, reads keys from its environment, and stops when told to', async () => {
    const socket = join(project, 'ours.sock');
    const child = await spawnServer([program, 'serve', '--socket', socket], socket);
    const kong = worker(socket);
    const passed = await kong.handle({ ...ask, headers: ['x-api-key', key] });
    expect(passed).toMatchObject({ kind: 'proxied', shared: { 'aigw-auth': { key_id: 'env' } }, errors: [] });
    expect(await kong.handle(ask)).toMatchObject({ kind: 'answered', status: 401 });
    const stopped = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await stopped).toBe(0);
  });

  it('runs no configuration of another plugin after it was killed', async () => {
    const socket = join(project, 'killed.sock');
    const args = [program, 'serve', '--socket', socket];
    const first = await spawnServer(args, socket);
    const kong = worker(socket);
    const other = { keys: [{ key: 'sk-gateway-bob-0123456789', id: 'bob' }] };
    const asAna = { ...ask, pluginId: 'a', config, headers: ['x-api-key', key] };
    const asAnaAtBobs = { ...ask, pluginId: 'b', config: other, headers: ['x-api-key', key] };
    expect(await kong.handle(asAna)).toMatchObject({ kind: 'proxied' });
    expect(await kong.handle(asAnaAtBobs)).toMatchObject({ status: 401 });
    first.kill('SIGKILL');
    await new Promise((resolve) => first.once('close', resolve));
    await spawnServer(args, socket);
    kong.close();
    expect(await kong.handle(asAnaAtBobs)).toMatchObject({ status: 401 });
    expect(await kong.handle(asAna)).toMatchObject({ kind: 'proxied', errors: [] });
  });
});

describe('the plugin files', () => {
  it('are one for each plugin, and nothing else: Kong takes every file for a plugin', () => {
    expect(readdirSync('plugins').sort()).toEqual(kongPlugins.map((plugin) => `${plugin.Name}.js`).sort());
  });

  it("KG-04 are described by Kong's own plugin server as by ours", async () => {
    const args = ['-d', join(project, 'plugins'), '--dump-all-plugins'];
    const { stdout } = await run(process.execPath, [...nodeFlags, stockServer, ...args], { cwd: project });
    expect(JSON.parse(stdout)).toEqual(kongPlugins.map(describePlugin));
  });

  it("work under Kong's own plugin server, which lets through what throws", async () => {
    const socket = join(project, 'stock.sock');
    await spawnServer(
      [stockServer, '-d', join(project, 'plugins'), '-p', project, '--sock-name', 'stock.sock'],
      socket,
    );
    const kong = worker(socket);
    const passed = await kong.handle({ ...ask, config, headers: ['x-api-key', key, 'x-gateway-user', 'root'] });
    expect(passed).toMatchObject({ kind: 'proxied', shared: { 'aigw-auth': { key_id: 'ana' } }, errors: [] });
    expect(passed.upstreamHeaders).toEqual({ 'x-gateway-key-id': ['ana'] });
    expect(await kong.handle({ ...ask, config })).toMatchObject({ kind: 'answered', status: 401 });
    const broken = { keys: [{ key }, { key }] };
    expect(await kong.handle({ ...ask, pluginId: 'broken', config: broken })).toMatchObject({
      kind: 'answered',
      status: 500,
    });
  });
});

describe('the version of the plugins', () => {
  it('is that of the package', () => {
    expect(aigwAuth.Version).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
  });
});
