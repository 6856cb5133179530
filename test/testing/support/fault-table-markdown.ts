import { faultDefinition, faultNames } from '../../../src/testing/faults/fault-table.ts';

const headings: Readonly<Record<string, string>> = {
  answer: 'in place of an answer',
  hint: 'when to come back',
  chance: 'at random',
  ending: 'a good answer that breaks off',
  usage: 'usage',
};

/** The table of faults as `docs/testing.md` shows it. */
export function faultTableMarkdown(): string {
  const rows = faultNames.map((name) => {
    const { group, argument, stream, whole } = faultDefinition(name);
    const form = argument === undefined ? name : `${name}(${argument.placeholder})`;
    const standard = argument?.default === undefined ? '' : ` Default ${argument.default}.`;
    const other = whole === undefined ? '' : whole === 'no effect' ? ' Streams only.' : ` Whole answers: ${whole}.`;
    return `| \`${form}\` | ${headings[group] ?? 'a good answer, changed'} | ${sentence(stream)}${other}${standard} |`;
  });
  return ['| fault | kind | what the client meets |', '|---|---|---|', ...rows].join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
