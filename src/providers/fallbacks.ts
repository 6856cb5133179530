import type { Environment } from '../core/environment.ts';
import type { Target } from './provider.ts';
import type { ResolveModel } from './resolve-model.ts';
import { readVariable, refuseSetting, type Setting } from './setting.ts';

/** Where a request goes when its model fails, as `GATEWAY_FALLBACKS` says. */
export interface Fallbacks {
  /** Whether models without an entry move to their equivalents by the table. */
  readonly equivalents: boolean;
  /** What stands in for a target, by its id; it replaces the table. */
  readonly byTarget: ReadonlyMap<string, readonly Target[]>;
}

const form = 'is written as "gpt-4o=anthropic/claude-sonnet-4-6|mistral/mistral-large-latest;o3=..."';

/**
 * Reads `GATEWAY_FALLBACKS`: entries separated by `;`, each a model and, after `=`, its stand-ins in order, separated
 * by `|`. `off` turns the table of equivalents off. Unset, the table alone applies.
 *
 * @throws ConfigurationError for an entry that cannot be read, a model that is not configured, or one that falls back
 *   to itself
 */
export function readFallbacks(environment: Environment, resolve: ResolveModel): Fallbacks {
  const setting = readVariable(environment, 'GATEWAY_FALLBACKS');
  const byTarget = new Map<string, readonly Target[]>();
  if (setting === undefined) return { equivalents: true, byTarget };
  if (setting.value === 'off') return { equivalents: false, byTarget };
  for (const entry of setting.value.replace(/;\s*$/, '').split(';')) {
    const [model = '', list = '', ...rest] = entry.split('=').map((part) => part.trim());
    if (model === '' || list === '' || rest.length > 0) throw refuseSetting(setting, form);
    const standIns = list.split('|').flatMap((name) => targetsOf(name.trim(), setting, resolve));
    for (const target of targetsOf(model, setting, resolve)) {
      if (byTarget.has(target.id)) throw refuseSetting(setting, `has two entries for "${target.id}"`);
      byTarget.set(target.id, withoutRepetition(target, standIns, setting));
    }
  }
  return { equivalents: true, byTarget };
}

function targetsOf(name: string, setting: Setting<string>, resolve: ResolveModel): readonly Target[] {
  if (name === '') throw refuseSetting(setting, form);
  const resolution = resolve(name);
  if (resolution.kind === 'found') return resolution.targets;
  throw refuseSetting(setting, `names a model that cannot be reached. ${resolution.error.message.replace(/\.$/, '')}`);
}

function withoutRepetition(target: Target, standIns: readonly Target[], setting: Setting<string>): readonly Target[] {
  const ids = standIns.map(({ id }) => id);
  if (ids.includes(target.id)) throw refuseSetting(setting, `lets "${target.id}" fall back to itself`);
  const repeated = ids.find((id, position) => ids.indexOf(id) !== position);
  if (repeated !== undefined) throw refuseSetting(setting, `names "${repeated}" twice for "${target.id}"`);
  return standIns;
}
