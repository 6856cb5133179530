import { asArray, asObject, asString, type JsonValue } from '../../core/json.ts';

/** A step into an object (string) or an array (number). */
type Step = string | number;
type Container = Record<string, unknown> | unknown[];

/** A model cannot mean an array with more places than this. */
const maxIndex = 10_000;

/**
 * Arguments of a function call that Vertex AI streams value by value.
 *
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export class PartialArguments {
  /** Without a prototype, so that no name of an argument means anything but itself. */
  readonly #root: Record<string, unknown> = Object.create(null);
  /** The path whose string goes on. */
  #open: string | undefined;

  add(partialArgs: JsonValue | undefined): void {
    for (const entry of asArray(partialArgs)) {
      const partial = asObject(entry);
      const path = asString(partial?.jsonPath);
      if (partial === undefined || path === undefined) continue;
      this.#set(path, streamedValue(partial));
      this.#open = partial.willContinue === true ? path : undefined;
    }
  }

  /** The arguments so far, as JSON text. */
  text(): string {
    return JSON.stringify(this.#root);
  }

  #set(path: string, value: JsonValue): void {
    const steps = stepsOf(path);
    const last = steps.pop();
    if (last === undefined) return;
    let container: Container = this.#root;
    for (const [place, step] of steps.entries()) container = child(container, step, steps[place + 1] ?? last);
    const before = read(container, last);
    const continues = this.#open === path && typeof before === 'string' && typeof value === 'string';
    write(container, last, continues ? before + value : value);
  }
}

function streamedValue(partial: Readonly<Record<string, JsonValue | undefined>>): JsonValue {
  return partial.stringValue ?? partial.numberValue ?? partial.boolValue ?? null;
}

/** `$.a.b[0]['c d']` as `a`, `b`, 0, `c d`. https://www.rfc-editor.org/rfc/rfc9535#name-normalized-paths */
function stepsOf(path: string): Step[] {
  const steps: Step[] = [];
  for (const [, name, index, quoted] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]/g)) {
    if (index !== undefined) steps.push(Math.min(Number(index), maxIndex));
    else steps.push(name ?? (quoted ?? '').replace(/\\(.)/g, '$1'));
  }
  return steps;
}

function child(container: Container, step: Step, next: Step): Container {
  const present = read(container, step);
  if (isContainer(present)) return present;
  const made: Container = typeof next === 'number' ? [] : Object.create(null);
  write(container, step, made);
  return made;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function read(container: Container, step: Step): unknown {
  if (Array.isArray(container)) return typeof step === 'number' ? container[step] : undefined;
  return container[String(step)];
}

function write(container: Container, step: Step, value: unknown): void {
  if (!Array.isArray(container)) container[String(step)] = value;
  else if (typeof step === 'number') container[step] = value;
}
