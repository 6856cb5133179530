import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { kongPlugins } from '../../src/kong/index.ts';
import { schemaErrors } from '../support/fake-kong.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const conf: Readonly<Record<string, string>> = Object.fromEntries(
  read('examples/kong/kong.conf')
    .split('\n')
    .filter((row) => row.trim() !== '' && !row.startsWith('#'))
    .map((row) => {
      const at = row.indexOf('=');
      return [row.slice(0, at).trim(), row.slice(at + 1).trim()];
    }),
);
const declared = parse(read('examples/kong/kong.yml'));
const manifest = JSON.parse(read('package.json'));
const names = kongPlugins.map((plugin) => plugin.Name);
const setting = (name: string, what: string) => conf[`pluginserver_${name.replaceAll('-', '_')}_${what}`];
const program = `/usr/local/bin/node /opt/aigw/node_modules/${manifest.name}/${manifest.bin['aigw-kong']}`;

describe('the example for Kong', () => {
  it('registers every plugin under a server name of its own', () => {
    expect(conf.plugins).toBe(['bundled', ...names].join(','));
    expect(conf.pluginserver_names).toBe(names.join(','));
  });

  it('serves all plugins from one process on one socket', () => {
    const sockets = new Set(names.map((name) => setting(name, 'socket')));
    expect(sockets.size).toBe(1);
    const [socket] = sockets;
    expect(names.map((name) => setting(name, 'start_cmd')).filter((command) => command !== undefined)).toEqual([
      `${program} serve --socket ${socket}`,
    ]);
    expect(names.map((name) => setting(name, 'query_cmd'))).toEqual(names.map((name) => `${program} dump ${name}`));
  });

  it('has no setting of a plugin server that Kong would not read', () => {
    const known = names.flatMap((name) =>
      ['socket', 'start_cmd', 'query_cmd'].map((what) => `pluginserver_${name.replaceAll('-', '_')}_${what}`),
    );
    const given = Object.keys(conf).filter((key) => key.startsWith('pluginserver_') && key !== 'pluginserver_names');
    expect(given.filter((key) => !known.includes(key))).toEqual([]);
  });

  it('points at files that the package ships', () => {
    const installed = `/opt/aigw/node_modules/${manifest.name}/`;
    expect(conf.declarative_config).toBe(`${installed}examples/kong/kong.yml`);
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'examples', 'plugins']));
  });

  it('configures its plugins as their schemas want it', () => {
    expect(declared._format_version).toBe('3.0');
    for (const service of declared.services) {
      for (const { name, config } of service.plugins) {
        const plugin = kongPlugins.find((candidate) => candidate.Name === name);
        expect(schemaErrors(plugin?.Schema ?? [], config)).toEqual([]);
      }
    }
  });

  it('leads nowhere unless a plugin has let the request through', () => {
    for (const service of declared.services) {
      expect(service).toMatchObject({ url: 'http://127.0.0.1:9', retries: 0 });
      expect(
        service.plugins.some((plugin: { config: { target?: object } }) => plugin.config.target !== undefined),
      ).toBe(true);
    }
  });
});

describe('the documentation for Kong', () => {
  it('lists every plugin with its priority, and every option of each', () => {
    const text = read('docs/kong.md');
    for (const plugin of kongPlugins) {
      expect(text).toContain(`| \`${plugin.Name}\` | access | ${plugin.Priority} |`);
      const section = text.split(`\n## ${plugin.Name}\n`)[1]?.split('\n## ')[0] ?? '';
      const options = [...section.matchAll(/^\| `([a-z_]+)`/gm)].map((match) => match[1]);
      expect(options.sort()).toEqual(plugin.Schema.flatMap((field) => Object.keys(field)).sort());
    }
  });
});
