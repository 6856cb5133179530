import { createServer } from 'node:http';
import express from 'express';
import { serve } from '../process/serve.ts';
import { limitedGateway } from './limited-gateway.ts';

const app = express();
app.disable('x-powered-by');
app.use('/v1', limitedGateway('storage'));
serve(createServer(app));
