// A gateway in a process of its own that keeps its ledger where its first argument says. It tells its port on standard
// output, ends gracefully on SIGTERM, and dies as it may otherwise.
import { createServer } from 'node:http';
import express from 'express';
import { createGateway, type GatewayConfig, hardenServer } from '../../../src/index.ts';

const config: GatewayConfig = JSON.parse(process.argv[2] ?? '{}');
const gateway = createGateway(config, {
  environment: {},
  logger: {
    log: ({ level, message }) => {
      if (message !== 'call') process.stderr.write(`${level}: ${message}\n`);
    },
  },
});
const server = hardenServer(createServer(express().use(gateway)));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : 0}\n`);
});
process.once('SIGTERM', () => {
  server.close();
  void gateway.close(2000).then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
