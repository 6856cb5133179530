import { nativeCall, oursCall, portkeyCall } from './calls.ts';
import type { Contender } from './contender.ts';

const builtPackage = {
  file: new URL('../../dist/index.js', import.meta.url),
  remedy: 'npm run build',
};

function ours(name: string, label: string): Contender {
  return {
    name,
    label,
    file: new URL(`./${name}.ts`, import.meta.url),
    needs: builtPackage,
    call: oursCall,
  };
}

/** Ratios are taken to this one. */
export const limit: Contender = {
  name: 'limit-undici',
  label: 'node:http + undici dispatch (the limit)',
  file: new URL('./limit-undici.ts', import.meta.url),
  // Behind a translating gateway the limit is what moving the provider's own bytes costs.
  call: (task, { stream }) => nativeCall(task === 'fallback' ? 'pass' : task, stream),
};

export const contenders: readonly Contender[] = [
  limit,
  {
    name: 'express-http-proxy',
    label: 'express + http-proxy-middleware',
    file: new URL('./express-http-proxy.ts', import.meta.url),
    call: (task, { stream, callers }) =>
      task === 'pass' && callers === undefined ? nativeCall(task, stream) : undefined,
  },
  {
    name: 'portkey',
    label: 'Portkey 1.15.2',
    file: new URL('./portkey.ts', import.meta.url),
    needs: {
      file: new URL('../node_modules/@portkey-ai/gateway/package.json', import.meta.url),
      remedy: 'npm ci --prefix bench',
    },
    // Its Gemini streams end without `[DONE]`: wrong answers are not measured.
    call: (task, { stream, providerOrigin, callers }) =>
      (task === 'to-gemini' && stream) || callers !== undefined ? undefined : portkeyCall(task, stream, providerOrigin),
  },
  {
    ...ours('ours-failover', 'this package, failover alone'),
    call: (task, options) => (options.callers === undefined ? oursCall(task, options) : undefined),
  },
  ours('ours-stack', 'this package, telemetry + auth + failover'),
  ours('ours-gateway', 'this package, createGateway'),
  ours('ours-limits', 'this package, createGateway with limits, budgets, SQLite ledger'),
  ours('ours-sqlite', 'this package, the same with budgets in SQLite, too'),
  {
    ...ours('ours-million', 'this package, the same with a million rows in its ledger'),
    call: (task, options) => (options.callers === 1 ? oursCall(task, options) : undefined),
  },
];
