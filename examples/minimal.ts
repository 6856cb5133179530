// The least there is: an Express app that answers OpenAI-compatible chat completions from whichever provider has a key.
//
//   OPENAI_API_KEY=... ANTHROPIC_API_KEY=... npm run example -- minimal
//   curl -N localhost:3000/v1/chat/completions -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
import { createServer } from 'node:http';
import { failover, hardenServer, telemetry } from 'ai-gateway-middleware';
import express from 'express';

const app = express();
app.use(telemetry());
app.post('/v1/chat/completions', failover());

const port = Number(process.env.PORT ?? 3000);
hardenServer(createServer(app)).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
