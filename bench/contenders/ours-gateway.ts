import { createServer } from 'node:http';
import express from 'express';
import { serve } from '../process/serve.ts';
import { failoverSettings, keys, models, providers, underTest } from './package-under-test.ts';

const app = express();
app.disable('x-powered-by');
app.use('/v1', underTest.createGateway({ providers, models, keys, failover: failoverSettings }));
serve(createServer(app));
