import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { type Capability, GatewayError, mount, pass, reject } from '../../src/index.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { listen } from '../support/test-app.ts';

const page = readFileSync('docs/adding-a-middleware.md', 'utf8');

describe('docs/adding-a-middleware.md', () => {
  it('names every hook there is, and no other', () => {
    const source = readFileSync('src/core/capability.ts', 'utf8');
    const [, body = ''] = /export interface Capability \{([\s\S]*?)\n\}/.exec(source) ?? [];
    const hooks = [...body.matchAll(/^ {2}(\w+)\?\(/gm)].map(([, hook]) => hook);
    const named = [...page.matchAll(/^\| `(on\w+|answer)` \|/gm)].map(([, hook]) => hook);
    expect(hooks.length).toBeGreaterThan(5);
    expect(named.toSorted()).toEqual(hooks.toSorted());
  });

  it('names files that exist', () => {
    const files = [...page.matchAll(/`((?:src|test|docs|verify)\/[\w./-]+)`/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('has an example that does what it says', async () => {
    const [, code = ''] = /const weekdays: Capability = (\{[\s\S]*?\n\});/.exec(page) ?? [];
    const weekdays: Capability = new Function('reject', 'pass', 'GatewayError', `return ${code}`)(
      reject,
      pass,
      GatewayError,
    );
    const answers: unknown[] = [];
    // A Friday and a Saturday.
    for (const day of ['2026-01-02', '2026-01-03']) {
      const runtime = manualRuntime({ startWallTime: Date.parse(day) });
      const app = express().use(mount(weekdays, { runtime }), (_request, response) => {
        response.send('served');
      });
      const { url, close } = await listen(app);
      const response = await fetch(url);
      answers.push([response.status, (await response.text()).includes('Closed.')]);
      await close();
    }
    expect(answers).toEqual([
      [200, false],
      [403, true],
    ]);
  });
});
