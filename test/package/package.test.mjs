// The package as a user gets it: packed, installed into fresh consumers, loaded both ways.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const subpaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
const names = subpaths.map((path) => manifest.name + path.slice(1));

function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

describe('the packed package', () => {
  let folder;
  let packed;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'consumer-'));
    [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    const peers = [`express@${manifest.devDependencies.express}`, `kong-pdk@${manifest.devDependencies['kong-pdk']}`];
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', join(folder, packed.filename), ...peers], {
      cwd: folder,
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('AD-20: holds what it should and nothing else', () => {
    const tops = new Set(packed.files.map(({ path }) => path.split('/')[0]));
    const allowed = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'examples', 'package.json', 'plugins'];
    assert.deepEqual([...tops].sort(), allowed);
  });

  it('AD-20: has no install script', () => {
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.equal(manifest.scripts[name], undefined);
  });

  it('loads every subpath as an ES module and by require', () => {
    writeFileSync(join(folder, 'esm.mjs'), names.map((name) => `await import('${name}');`).join('\n'));
    writeFileSync(join(folder, 'cjs.cjs'), names.map((name) => `require('${name}');`).join('\n'));
    for (const file of ['esm.mjs', 'cjs.cjs']) run(process.execPath, [file], { cwd: folder });
  });

  it('AD-20: does nothing when it is imported: no timer, no socket, no output, no file but its own', () => {
    const script = `${names.map((name) => `await import('${name}');`).join('\n')}
      const handles = process.getActiveResourcesInfo().filter((name) => !/TTY|Pipe|CloseReq|FSReqPromise/.test(name));
      if (handles.length > 0) { console.error(handles); process.exit(1); }`;
    writeFileSync(join(folder, 'idle.mjs'), script);
    // Anything else that were read, written or started would be refused.
    const permitted = ['--permission', `--allow-fs-read=${folder}`];
    assert.equal(run(process.execPath, [...permitted, 'idle.mjs'], { cwd: folder, timeout: 20_000 }), '');
  });

  it('answers from an app that mounts it, against a fake provider', () => {
    writeFileSync(
      join(folder, 'app.mjs'),
      `import express from 'express';
      import { createGateway } from '${manifest.name}';
      import { startFakeProvider } from '${manifest.name}/testing';
      const wall = await startFakeProvider();
      const gateway = createGateway({
        providers: { openai: { apiKey: 'a-key-for-a-fake-provider', baseUrl: wall.baseUrl('openai-chat') } },
        telemetry: { logLevel: 'silent' },
      });
      const server = express().use('/v1', gateway).listen(0, '127.0.0.1', async () => {
        const response = await fetch('http://127.0.0.1:' + server.address().port + '/v1/chat/completions', {
          method: 'POST',
          body: JSON.stringify({ model: 'openai/demo-small', messages: [{ role: 'user', content: 'Hello' }] }),
        });
        console.log(response.status, (await response.json()).object);
        server.close();
        await gateway.close();
        await wall.close();
      });`,
    );
    assert.equal(run(process.execPath, ['app.mjs'], { cwd: folder, timeout: 20_000 }), '200 chat.completion\n');
  });

  it('compiles in a strict TypeScript consumer', () => {
    writeFileSync(
      join(folder, 'consumer.mts'),
      `import express from 'express';
      import { auth, createGateway, failover, providerTranslate, telemetry } from '${manifest.name}';
      const app = express();
      app.use(telemetry({ logLevel: 'silent' }));
      app.use(auth({ keys: [{ key: 'a-key-of-some-length', team: 'search' }] }));
      app.post('/v1/chat/completions', failover({ providers: { openai: { apiKey: 'k' } }, deadline: '30s' }));
      app.post('/translate', providerTranslate({ providers: { anthropic: { apiKey: 'k' } } }));
      app.use('/v2', createGateway({ models: { fast: { targets: ['openai/gpt-4o-mini'] } } }));
      // @ts-expect-error an unknown option
      failover({ colldown: '30s' });
      // @ts-expect-error a duration without its unit
      failover({ deadline: 30 });`,
    );
    const compiler = resolve('node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const types = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node', '--skipLibCheck'];
    run(process.execPath, [compiler, ...options, ...types, 'consumer.mts'], { cwd: folder });
  });

  it('satisfies publint and attw', () => {
    run('npx', ['--no-install', 'publint', '--strict']);
    run('npx', ['--no-install', 'attw', join(folder, packed.filename), '--profile', 'esm-only']);
  });
});
