import { z } from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { parseOptions } from '../core/options.ts';
import { modelNameProblem } from './model-name.ts';
import type { Target } from './provider.ts';
import type { ResolveModel } from './resolve-model.ts';

/** The `models` section: one entry per public name, which callers use instead of a provider's model. */
export type ModelsOptions = Readonly<Record<string, ModelOptions>>;

export interface ModelOptions {
  /** What serves the name: `'openai/gpt-5.4'`, or an object where one differs from the others. */
  readonly targets: readonly (string | ModelTargetOptions)[];
  /**
   * `priority` tries the targets one after another as they are written; `weighted` shares the requests among them.
   * @default 'priority'
   */
  readonly strategy?: 'priority' | 'weighted';
  /**
   * Models that follow when all targets fail, in order: other public names, or models as callers may name them.
   * @default []
   */
  readonly fallback?: readonly string[];
}

export interface ModelTargetOptions {
  /** `provider/model`, or a bare name that a provider serves. */
  readonly model: string;
  /**
   * Share among targets of equal priority.
   * @default 1
   */
  readonly weight?: number;
  /**
   * The target with the lower number is tried first.
   * @default the position in the list with `priority`, 1 with `weighted`
   */
  readonly priority?: number;
}

/** Targets that are alternatives of each other. Their weights and priorities already say what the strategy asks for. */
export interface ModelLink {
  /** The name they stand for. */
  readonly name: string;
  readonly strategy: 'priority' | 'weighted';
  readonly targets: readonly Target[];
}

/** A public name: its own targets, then those of its fallbacks and of theirs. No link stands in it twice. */
export interface ModelChain {
  readonly name: string;
  readonly links: readonly ModelLink[];
}

const target = z.strictObject(
  {
    model: z.string('must be a model name'),
    weight: z.number('must be a number').positive('must be greater than 0').default(1),
    priority: z.int('must be a whole number').nonnegative('must be 0 or greater').optional(),
  },
  'must be a model name, or an object such as { model: "openai/gpt-5.4", weight: 70 }',
);
const targetList = { error: 'must be a list with at least one model' };
const schema = z.strictObject(
  {
    targets: z.array(target, targetList).min(1, targetList),
    strategy: z.enum(['priority', 'weighted'], 'must be "priority" or "weighted"').default('priority'),
    fallback: z.array(z.string('must be a model name'), 'must be a list of model names').default([]),
  },
  'must be an object such as { targets: ["openai/gpt-5.4"] }',
);

type ParsedTarget = z.output<typeof target>;

interface Draft {
  readonly link: ModelLink;
  readonly fallback: readonly string[];
}

/**
 * The public names with their targets found.
 * @throws ConfigurationError for an unknown target, one that is given twice, or fallbacks that lead back to their
 *   beginning, naming the path
 */
export function resolveModelChains(
  options: ModelsOptions | undefined,
  resolve: ResolveModel,
): ReadonlyMap<string, ModelChain> {
  if (options === undefined) return new Map();
  if (!isJsonObject(options)) {
    throw new ConfigurationError('models: must be an object of public names, such as { fast: { targets: [...] } }.');
  }
  const drafts = new Map(Object.entries(options).map(([name, value]) => [name, readDraft(name, value, resolve)]));
  return new Map(
    [...drafts.keys()].map((name) => {
      const links = new Map<string, ModelLink>();
      collectLinks({ name, path: [], drafts, resolve }, links);
      return [name, { name, links: [...links.values()] }];
    }),
  );
}

function readDraft(name: string, value: unknown, resolve: ResolveModel): Draft {
  const problem = modelNameProblem(name);
  if (problem !== undefined) throw new ConfigurationError(`models: a public name ${problem}.`);
  const where = `models.${name}`;
  const { targets, strategy, fallback } = parseOptions(schema, withTargetObjects(value), where);
  const found = targets.flatMap((entry, position) => placeTargets({ entry, position, strategy, where, resolve }));
  const ids = found.map(({ id }) => id);
  const repeated = ids.find((id, position) => ids.indexOf(id) !== position);
  if (repeated !== undefined) throw new ConfigurationError(`${where}.targets: "${repeated}" is given twice.`);
  return { link: { name, strategy, targets: byPriority(found) }, fallback };
}

/** A target may be written as a text: the object form of it, so that one schema names what is wrong in either. */
function withTargetObjects(value: unknown): unknown {
  if (!isJsonObject(value) || !Array.isArray(value.targets)) return value;
  return { ...value, targets: value.targets.map((entry) => (typeof entry === 'string' ? { model: entry } : entry)) };
}

/** One entry's targets: several when a bare name is served by several instances, which then share the entry's weight. */
function placeTargets(placing: {
  readonly entry: ParsedTarget;
  readonly position: number;
  readonly strategy: ModelLink['strategy'];
  readonly where: string;
  readonly resolve: ResolveModel;
}): readonly Target[] {
  const { entry, position, strategy, where, resolve } = placing;
  const resolution = resolve(entry.model);
  if (resolution.kind === 'unknown') {
    throw new ConfigurationError(`${where}.targets: ${resolution.error.message}`);
  }
  const whole = resolution.targets.reduce((sum, { weight }) => sum + weight, 0);
  const priority = entry.priority ?? (strategy === 'priority' ? position + 1 : 1);
  return resolution.targets.map((found) => ({ ...found, priority, weight: (entry.weight * found.weight) / whole }));
}

function byPriority(targets: readonly Target[]): readonly Target[] {
  return [...targets].sort((a, b) => a.priority - b.priority);
}

interface Walk {
  readonly name: string;
  /** The names that led here. */
  readonly path: readonly string[];
  readonly drafts: ReadonlyMap<string, Draft>;
  readonly resolve: ResolveModel;
}

function collectLinks({ name, path, drafts, resolve }: Walk, links: Map<string, ModelLink>): void {
  const trail = [...path, name];
  if (path.includes(name)) {
    throw new ConfigurationError(`models: the fallbacks lead back to "${name}": ${trail.join(' -> ')}.`);
  }
  if (links.has(name)) return;
  const draft = drafts.get(name);
  links.set(name, draft?.link ?? directLink(trail, drafts, resolve));
  for (const next of draft?.fallback ?? []) collectLinks({ name: next, path: trail, drafts, resolve }, links);
}

/** A fallback that is no public name: a model as a caller may name it. */
function directLink(trail: readonly string[], drafts: ReadonlyMap<string, Draft>, resolve: ResolveModel): ModelLink {
  const [name = '', owner = ''] = [trail.at(-1), trail.at(-2)];
  const resolution = resolve(name);
  if (resolution.kind === 'found') return { name, strategy: 'priority', targets: resolution.targets };
  const meant = didYouMean(name, drafts.keys());
  throw new ConfigurationError(
    `models.${owner}.fallback: "${name}" is neither a public name${meant} nor a model. ${resolution.error.message}`,
  );
}
