import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { providerParametersPage } from '../../scripts/provider-parameters.ts';

it('docs/provider-parameters.md says what the code does; write it anew with `npx node scripts/provider-parameters.ts`', () => {
  const page = readFileSync(new URL('../../docs/provider-parameters.md', import.meta.url), 'utf8');
  expect(page).toBe(providerParametersPage());
});
