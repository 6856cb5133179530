import { readFileSync, writeFileSync } from 'node:fs';
import { faultTableMarkdown } from './support/fault-table-markdown.ts';

// Renews the table of faults in the documentation: npx node test/testing/write-fault-table.ts
const path = 'docs/testing.md';
const doc = readFileSync(path, 'utf8');
writeFileSync(
  path,
  doc.replace(/\| fault \|[\s\S]*?(?=\n\n)/, () => faultTableMarkdown()),
);
