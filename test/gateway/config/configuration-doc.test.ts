import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { resolveGatewaySettings } from '../../../src/gateway/config/schema.ts';
import { refusal } from '../support/gateway-app.ts';

describe('docs/configuration.md', () => {
  it('lists the sections of a configuration, in their order', () => {
    const page = readFileSync('docs/configuration.md', 'utf8');
    const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, section]) => section);
    const message = refusal(() => resolveGatewaySettings({ zzzzzzzzzz: 1 }, 'gateway.yaml'));
    expect(/\(known: ([^)]+)\)/.exec(message)?.[1]).toBe(listed.join(', '));
  });
});
