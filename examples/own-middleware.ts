// A middleware of the app's own beside those of the package: what is confidential stays with one provider, whatever the
// chain says, and never leaves the house with a code name in it; the console says what each project's calls cost.
//
//   OPENAI_API_KEY=... ANTHROPIC_API_KEY=... npm run example -- own-middleware
import { createServer } from 'node:http';
import {
  auth,
  type Capability,
  failover,
  GatewayError,
  hardenServer,
  mount,
  pass,
  reject,
} from 'ai-gateway-middleware';
import express from 'express';

interface ConfidentialOptions {
  /** The one provider that projects marked `confidential` may reach. */
  readonly provider: string;
  /** Words that no prompt may contain. */
  readonly codeNames: readonly string[];
}

function confidential({ provider, codeNames }: ConfidentialOptions): Capability {
  const elsewhere = new GatewayError('model_not_allowed', {
    message: `Confidential projects may only use models of ${provider}.`,
  });
  return {
    name: 'confidential',
    // The body has been read and parsed. A hook says what happens next by what it returns.
    async onRequest(call) {
      const text = JSON.stringify((await call.body()).json).toLowerCase();
      const found = codeNames.find((name) => text.includes(name.toLowerCase()));
      if (found === undefined) return pass;
      return reject(new GatewayError('permission_denied', { message: 'The prompt has a code name in it.' }));
    },
    // The targets of the call, in order of trial, fallbacks included. What is skipped says why.
    onPlan(call, candidates) {
      const allowed =
        call.caller.project === 'confidential' ? candidates.filter((one) => one.provider === provider) : candidates;
      const left = candidates.filter((one) => !allowed.includes(one));
      return {
        candidates: allowed,
        skipped: left.map((candidate) => ({ candidate, reason: 'the project is confidential', error: elsewhere })),
      };
    },
    // Once per call, after its last byte, however it ended.
    onSettled(call, { status, provider: served, cost }) {
      console.log(
        `${call.caller.project}: ${status} from ${served ?? 'nobody'}, ${cost ?? 'an unknown number of'} nano-USD`,
      );
    },
  };
}

const app = express();
app.post(
  '/v1/chat/completions',
  auth({
    keys: [
      { key: process.env.TEAM_KEY ?? 'change-me-change-me', project: 'website' },
      { key: process.env.LAB_KEY ?? 'change-me-as-well-please', project: 'confidential' },
    ],
  }),
  mount(confidential({ provider: 'anthropic', codeNames: ['Bluebird'] })),
  failover({
    providers: { openai: {}, anthropic: {} },
    models: { assistant: { targets: ['openai/gpt-4o', 'anthropic/claude-sonnet-4-5'] } },
  }),
);

const port = Number(process.env.PORT ?? 3000);
hardenServer(createServer(app)).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
