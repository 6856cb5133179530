// Makes gateways that cannot be made, and lets go: nothing that was opened on the way may hold the process.
import { createGateway, type GatewayConfig } from '../../../src/index.ts';

const configs: readonly object[] = JSON.parse(process.argv[2] ?? '[]');
const refusals = configs.map((config) => {
  try {
    createGateway(config as GatewayConfig, { environment: {}, logger: { log: () => {} } });
    return 'taken';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
});
process.stdout.write(JSON.stringify(refusals));
