import { createServer } from 'node:http';
import express from 'express';
import { serve } from '../process/serve.ts';
import { failoverSettings, keys, logger, models, providers, underTest } from './package-under-test.ts';

const app = express();
app.disable('x-powered-by');
app.use(underTest.telemetry({ logger }));
app.use(underTest.auth({ keys }));
app.post('/v1/chat/completions', underTest.failover({ providers, models, ...failoverSettings }));
serve(createServer(app));
