import { createServer } from 'node:http';
import path from 'node:path';
import express from 'express';
import { contenderFolder, serve } from '../process/serve.ts';
import { failoverSettings, keys, models, providers, underTest } from './package-under-test.ts';

/** Limits and budgets of every kind, so wide that no call is refused; all that is used stands in an SQLite file. */
const app = express();
app.disable('x-powered-by');
app.use(
  '/v1',
  underTest.createGateway({
    providers,
    models,
    keys,
    failover: failoverSettings,
    rateLimit: {
      limits: [
        { per: 'key', requests: 1e9, window: '1m' },
        { per: 'key', tokens: 1e12, window: '1m' },
        { per: 'key', concurrent: 1e6 },
        { per: 'global', requests: 1e9, window: '1m' },
      ],
    },
    budgets: {
      list: [
        { per: 'key', limit: 9e6, period: 'month' },
        { per: 'global', limit: 9e6, period: 'day' },
      ],
    },
    storage: { url: `sqlite:${path.join(contenderFolder(), 'gateway.db')}` },
  }),
);
serve(createServer(app));
