// An app that has its own login and its own proxy to one provider. providerTranslate goes in front of the proxy:
// callers speak OpenAI, the proxy sees Anthropic, and nothing else of the app changes.
//
//   ANTHROPIC_API_KEY=... npm run example -- existing-app
//   curl localhost:3000/v1/chat/completions -H 'x-session: ana' -d '{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"Hi"}]}'
import { createServer } from 'node:http';
import { hardenServer, providerTranslate, telemetry } from 'ai-gateway-middleware';
import express, { type RequestHandler } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const ownLogin: RequestHandler = (request, response, next) => {
  if (request.get('x-session') === undefined) response.status(401).json({ error: 'Please log in.' });
  else next();
};

const baseUrl = process.env.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com';
const ownProxy = createProxyMiddleware({ target: new URL(baseUrl).origin, changeOrigin: true });

const app = express();
app.get('/', (_request, response) => response.send('The rest of the app is as it was.'));
app.post(
  '/v1/chat/completions',
  ownLogin,
  telemetry(),
  providerTranslate({ forward: 'next', providers: { anthropic: { baseUrl } } }),
  ownProxy,
);

const port = Number(process.env.PORT ?? 3000);
hardenServer(createServer(app)).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
