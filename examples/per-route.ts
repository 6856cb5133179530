// Each route takes what it needs: the public one is open and bound to small models, the internal one asks for a key and
// falls back over three providers, and the rest of the app has nothing to do with either.
//
//   OPENAI_API_KEY=... ANTHROPIC_API_KEY=... npm run example -- per-route
import { createServer } from 'node:http';
import { auth, failover, hardenServer, providerEvents, telemetry } from 'ai-gateway-middleware';
import express from 'express';

const app = express();
app.get('/', (_request, response) => response.send('Nothing of the gateway is here.'));

app.post(
  '/public/chat/completions',
  telemetry(),
  failover({ providers: { openai: {} }, models: { assistant: { targets: ['openai/gpt-4o-mini'] } }, retries: 1 }),
);

app.post(
  '/internal/chat/completions',
  telemetry(),
  auth({ keys: [{ key: process.env.TEAM_KEY ?? 'change-me-change-me', team: 'search' }] }),
  failover({
    providers: { openai: {}, anthropic: {} },
    models: { assistant: { targets: ['openai/gpt-4o', 'anthropic/claude-sonnet-4-5'] } },
    onEvent: providerEvents(),
  }),
);

const port = Number(process.env.PORT ?? 3000);
hardenServer(createServer(app)).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
