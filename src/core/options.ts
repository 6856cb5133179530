import { z } from 'zod';
import { ConfigurationError } from './errors.ts';

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

function describe(issue: z.core.$ZodIssue, schema: z.ZodType): readonly string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    return issue.keys.map((key) => `unknown option "${[...path, key].join('.')}"${suggestion(key, known)}`);
  }
  const name = path.length === 0 ? 'the options' : `"${path.join('.')}"`;
  return [`${name} ${lowerFirst(issue.message)}`];
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
  while (current instanceof z.ZodOptional || current instanceof z.ZodDefault || current instanceof z.ZodPrefault) {
    current = current.unwrap();
  }
  return current;
}

function suggestion(key: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(key.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(key.length / 3))) {
    return ` (did you mean "${nearest.candidate}"?)`;
  }
  return known.length > 0 ? ` (known: ${known.join(', ')})` : '';
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
