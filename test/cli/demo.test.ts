import { describe, expect, it } from '@jest/globals';
import { startDemo } from '../../src/cli/demo.ts';
import { get, startGateway } from '../gateway/support/gateway-app.ts';

describe('the demo', () => {
  it('lists its own models and no real one, all free of charge', async () => {
    const demo = await startDemo();
    const server = await startGateway({ config: demo.config });
    try {
      const { data } = JSON.parse((await get(`${server.url}/models`)).text);
      expect(data.map(({ id }: { id: string }) => id)).toEqual([
        'demo',
        'demo-failover',
        'openai/demo-small',
        'openai/demo-large',
        'anthropic/demo-haiku',
        'anthropic/demo-sonnet',
        'gemini/demo-flash',
        'gemini/demo-pro',
      ]);
      for (const { price, available } of data) expect([price.input, price.output, available]).toEqual([0, 0, true]);
    } finally {
      await server.close();
      await demo.close();
    }
  });
});
