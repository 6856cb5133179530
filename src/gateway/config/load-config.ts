import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import type { Environment } from '../../core/environment.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json.ts';
import { type GatewayConfig, resolveGatewaySettings } from './schema.ts';

/**
 * Reads a configuration file, YAML or JSON, and fills in `${NAME}` and `${NAME:-default}` from the environment.
 *
 * @throws ConfigurationError when the file cannot be read or parsed, names an unset variable or an unknown section
 */
export function loadConfig(path: string, environment: Environment = process.env): GatewayConfig {
  return parseConfig(readFile(path), { path, environment });
}

/** The text of a configuration file as a configuration. */
export function parseConfig(
  text: string,
  { path, environment }: { readonly path: string; readonly environment: Environment },
): GatewayConfig {
  const config = fillIn(parseText(text, path), { path, environment, trail: [] });
  assertConfig(config, path);
  return config;
}

function assertConfig(config: unknown, path: string): asserts config is GatewayConfig {
  resolveGatewaySettings(config, path);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : 'unreadable';
    throw new ConfigurationError(`${path}: the configuration file cannot be read (${code})`);
  }
}

/** JSON is YAML. Duplicate keys, keys that are not texts and alias bombs are refused by the parser. */
function parseText(text: string, path: string): unknown {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true };
  const document = parseDocument(text, options);
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    throw new ConfigurationError(`${path}:${line}:${col}: ${withoutSource(problem.message)}`);
  }
  const value = plainValue(document, path);
  if (isJsonObject(value)) return value;
  throw new ConfigurationError(`${path}: must hold an object with sections such as "providers" and "models"`);
}

/** Aliases are followed only now. */
function plainValue(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ConfigurationError(`${path}: ${withoutSource(message)}`);
  }
}

/** What the parser quotes of the file, behind a colon, may be a key. */
function withoutSource(message: string): string {
  return message.replace(/(?<=\S): [\s\S]*$/, '');
}

interface FillContext {
  readonly path: string;
  readonly environment: Environment;
  readonly trail: readonly string[];
}

const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** After parsing, so that a variable's value can never become structure. */
function fillIn(value: unknown, context: FillContext): unknown {
  if (typeof value === 'string') return fillInText(value, context);
  if (Array.isArray(value)) return value.map((entry, index) => fillIn(entry, deeper(context, String(index))));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fillIn(entry, deeper(context, key))]));
}

function fillInText(text: string, { path, environment, trail }: FillContext): string {
  return text.replace(placeholder, (_whole, name: string, fallback: string | undefined) => {
    const value = environment[name] ?? fallback;
    if (value !== undefined) return value;
    throw new ConfigurationError(
      `${path}: "${trail.join('.')}" needs the environment variable ${name}; set it, or write \${${name}:-default}`,
    );
  });
}

function deeper(context: FillContext, key: string): FillContext {
  return { ...context, trail: [...context.trail, key] };
}
