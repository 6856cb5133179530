// Each route takes what it needs: the public one has a key that everybody may read, good for one small model; the
// internal one asks for the team's key and falls back to a second provider; the rest of the app has nothing to do with
// either.
//
//   OPENAI_API_KEY=... ANTHROPIC_API_KEY=... npm run example -- per-route
import { createServer } from 'node:http';
import { auth, failover, hardenServer, telemetry } from 'ai-gateway-middleware';
import express from 'express';

const app = express();
const log = telemetry();
app.get('/', (_request, response) => response.send('Nothing of the gateway is here.'));

app.post(
  '/public/chat/completions',
  log,
  auth({ keys: [{ key: 'public-key-of-the-web-page', models: ['openai/gpt-4o-mini'] }] }),
  failover({
    providers: { openai: {} },
    models: { assistant: { targets: ['openai/gpt-4o-mini'] } },
    retries: 1,
    onEvent: log.onEvent,
  }),
);

app.post(
  '/internal/chat/completions',
  log,
  auth({ keys: [{ key: process.env.TEAM_KEY ?? 'change-me-change-me', team: 'search' }] }),
  failover({
    providers: { openai: {}, anthropic: {} },
    models: { assistant: { targets: ['openai/gpt-4o', 'anthropic/claude-sonnet-4-5'] } },
    onEvent: log.onEvent,
  }),
);

const port = Number(process.env.PORT ?? 3000);
hardenServer(createServer(app)).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
