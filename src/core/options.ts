import { z } from 'zod';
import { ConfigurationError } from './errors.ts';
import { didYouMean } from './nearest-name.ts';

/**
 * Checks what an operator wrote against its schema and returns it with defaults filled in. The given object is left
 * as it is.
 *
 * @param where how the operator knows the object: `auth()`, `gateway.yaml`
 * @throws ConfigurationError naming every offending key and the fix
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describe(issue, schema));
  throw new ConfigurationError(`${where}: ${problems.join('; ')}`);
}

/** Something of the app's own, such as a store, that has these methods. */
export function withMethods<Port>(methods: readonly (keyof Port & string)[]): z.ZodType<Port> {
  return z.custom<Port>(
    (value) => isObject(value) && methods.every((method) => typeof value[method] === 'function'),
    `must have the methods ${methods.join(', ')}`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): readonly string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => `unknown option "${[...path, key].join('.')}"${suggestion(key, known)}`);
  }
  const name = path.length === 0 ? 'the options' : `"${path.join('.')}"`;
  return [`${name} ${reason(issue)}`];
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a schema says in its own words; where it has none, ours instead of zod's. */
function reason(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  if (!/^Invalid (?:input|option): expected/.test(message)) return lowerFirst(message);
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`;
  const kind = issue.code === 'invalid_type' ? (kinds[issue.expected] ?? issue.expected) : 'of another kind';
  const missing = issue.path.length > 0 && message.endsWith('received undefined');
  return missing ? `is missing: it must be ${kind}` : `must be ${kind}`;
}

/** Keys the schema knows at a path, looking through the wrappers zod puts around an object. */
function knownKeys(schema: z.ZodType, path: readonly string[]): readonly string[] {
  let current: unknown = unwrap(schema);
  for (const key of path) {
    if (current instanceof z.ZodObject) current = unwrap(current.shape[key]);
    else if (current instanceof z.ZodRecord) current = unwrap(current.valueType);
    else if (current instanceof z.ZodArray) current = unwrap(current.element);
    else return [];
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodExactOptional ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault
  ) {
    current = current.unwrap();
  }
  return current;
}

function suggestion(key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  return meant !== '' || known.length === 0 ? meant : ` (known: ${known.join(', ')})`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
