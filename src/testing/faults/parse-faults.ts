import {
  type FaultArgument,
  type FaultGroup,
  type FaultName,
  faultDefinition,
  faultNames,
  isFaultName,
} from './fault-table.ts';

/** One fault with its argument. */
export type Fault =
  | { readonly name: FaultName; readonly amount?: number }
  | { readonly name: FaultName; readonly url: string };

/** A model name asks for a fault that does not exist, or for a combination that has no meaning. */
export class FaultSyntaxError extends Error {
  override readonly name = 'FaultSyntaxError';
}

/** The faults of one call, at most one of each group. */
export class FaultSet {
  readonly #faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  /** As written in the table, in order: `['slow', 'cut']`. */
  get names(): readonly FaultName[] {
    return this.#faults.map((fault) => fault.name);
  }

  has(name: FaultName): boolean {
    return this.#faults.some((fault) => fault.name === name);
  }

  /** The argument of a numeric fault, `undefined` when the fault is absent. */
  amount(name: FaultName): number | undefined {
    const fault = this.#faults.find((candidate) => candidate.name === name);
    return fault !== undefined && 'amount' in fault ? fault.amount : undefined;
  }

  url(name: FaultName): string | undefined {
    const fault = this.#faults.find((candidate) => candidate.name === name);
    return fault !== undefined && 'url' in fault ? fault.url : undefined;
  }

  /** The one fault of a group, where the call has it. */
  inGroup(group: string): FaultName | undefined {
    return this.names.find((name) => faultDefinition(name).group === group);
  }

  /** Both together; where they contradict each other, the other one holds. */
  overriddenBy(other: FaultSet): FaultSet {
    const kept = this.#faults.filter(({ name }) => !other.names.some((stronger) => contradict(name, stronger)));
    return new FaultSet([...kept, ...other.#faults]);
  }
}

/**
 * The faults a model name asks for: expressions joined by `+`, after an ordinary name or alone. In the ordinary part a
 * fault may also be one of the words between `-`, `/` and `:`: `demo-e429`, `demo-small+gz+cut(3)`, `nohdr`. For
 * gateways that take no parentheses in a model's name, `cut~3` means `cut(3)`.
 *
 * Everything that can only be meant as a fault must be one: what follows a `+`, has parentheses, `~` or an underscore, or
 * is `e` and three digits.
 *
 * @throws FaultSyntaxError naming the expression and the nearest one that exists
 */
export function parseFaults(model: string): FaultSet {
  const [first = '', ...rest] = splitOutsideParentheses(model, '+');
  const words = splitOutsideParentheses(first, '-/:');
  const faults = words.flatMap((word) => (looksLikeFault(word) ? [parseFault(word)] : []));
  return combine([...faults, ...rest.map(parseFault)]);
}

function looksLikeFault(word: string): boolean {
  return isFaultName(word) || /[()_~]/.test(word) || /^e\d{3}$/.test(word);
}

function parseFault(expression: string): Fault {
  const match = /^([a-z0-9_]+)(?:\((.*)\)|~(.*))?$/.exec(expression);
  const name = match?.[1] ?? '';
  if (!isFaultName(name)) throw new FaultSyntaxError(`Unknown fault "${expression}"${suggestion(name)}.`);
  const { argument } = faultDefinition(name);
  const written = match?.[2] ?? match?.[3];
  if (argument === undefined) {
    if (written === undefined) return { name };
    throw new FaultSyntaxError(`The fault "${name}" takes no argument, but "${expression}" gives one.`);
  }
  return parseArgument(name, argument, written);
}

function parseArgument(name: FaultName, argument: FaultArgument, written: string | undefined): Fault {
  if (written === undefined && argument.default !== undefined) return { name, amount: argument.default };
  if (argument.kind === 'url') {
    if (written !== undefined && URL.canParse(written)) return { name, url: written };
  } else if (written !== undefined && /^\d+(\.\d+)?$/.test(written)) {
    const amount = Number(written);
    if (isWithinRange(amount, argument)) return { name, amount };
  }
  throw new FaultSyntaxError(
    `The fault "${name}(${argument.placeholder})" needs ${expected[argument.kind]} as its argument.`,
  );
}

const expected: Readonly<Record<FaultArgument['kind'], string>> = {
  count: 'a whole number',
  bytes: 'a whole number of bytes above 0',
  milliseconds: 'milliseconds',
  seconds: 'seconds',
  percent: 'a number from 0 to 100',
  megabytes: 'a whole number of megabytes above 0',
  url: 'an absolute URL',
};

function isWithinRange(amount: number, argument: FaultArgument): boolean {
  switch (argument.kind) {
    case 'count':
      return Number.isSafeInteger(amount);
    case 'percent':
      return amount <= 100;
    case 'bytes':
    case 'megabytes':
      return Number.isSafeInteger(amount) && amount > 0;
    default:
      return true;
  }
}

/** Groups of which one member leaves no room for another, of its own group or of the others. */
const wholeAnswerGroups: readonly FaultGroup[] = ['answer', 'hint', 'ending'];

function contradict(one: FaultName, other: FaultName): boolean {
  const groups = [faultDefinition(one).group, faultDefinition(other).group];
  return groups[0] === groups[1] || groups.every((group) => wholeAnswerGroups.includes(group));
}

function combine(faults: readonly Fault[]): FaultSet {
  const byGroup = new Map<string, FaultName>();
  for (const { name } of faults) {
    const { group } = faultDefinition(name);
    const other = byGroup.get(group);
    if (other !== undefined) throw new FaultSyntaxError(`The faults "${other}" and "${name}" contradict each other.`);
    byGroup.set(group, name);
  }
  const answer = byGroup.get('answer') ?? byGroup.get('hint');
  const ending = byGroup.get('ending');
  if (answer !== undefined && ending !== undefined) {
    throw new FaultSyntaxError(`"${ending}" breaks off an answer, but with "${answer}" there is none.`);
  }
  const hint = byGroup.get('hint');
  if (hint !== undefined && answer !== undefined && answer !== hint && !/^e\d{3}$/.test(answer)) {
    throw new FaultSyntaxError(`"${hint}" needs an error status, but "${answer}" has none.`);
  }
  return new FaultSet(faults);
}

function splitOutsideParentheses(text: string, separators: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0 && separators.includes(character)) {
      parts.push(part);
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part];
}

function suggestion(name: string): string {
  const near = faultNames.find((candidate) => candidate.startsWith(name) || name.startsWith(candidate));
  return name !== '' && near !== undefined ? ` (did you mean "${near}"?)` : ` (known: ${faultNames.join(', ')})`;
}
