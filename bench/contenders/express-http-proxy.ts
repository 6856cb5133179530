import { Agent, createServer } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { providerOrigin, serve } from '../process/serve.ts';

/** What many apps do today: Express and a proxy middleware, with a keep-alive agent, without which it is slower still. */
const app = express();
app.disable('x-powered-by');
app.use(
  createProxyMiddleware({
    target: providerOrigin(),
    changeOrigin: true,
    agent: new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }),
  }),
);
serve(createServer(app));
