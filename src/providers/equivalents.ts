import { equivalenceTable, type Tier, tiers } from './equivalence-table.ts';
import type { ProviderInstance, Target } from './provider.ts';
import { targetAt } from './target.ts';

interface Member {
  readonly pattern: RegExp;
  readonly tier: Tier;
  /** Letters that are not a version number: of several patterns that fit, the one that says more counts. */
  readonly said: number;
}

const version = '\\d+(?:[.-]\\d+)*';
const ending = '(?:[-@]\\d{8}|-\\d{4}-\\d{2}-\\d{2}|-\\d{3,4}|-latest|-(?:preview|exp)(?:-\\d{2}-\\d{2,4})?)?';
const membersByProvider = readTable();

/** The tier a provider's model counts as, where the table of equivalents says. */
export function tierOf(provider: string, model: string): Tier | undefined {
  return membersByProvider.get(provider)?.find(({ pattern }) => pattern.test(model))?.tier;
}

/**
 * Where else a request for a target could go: the same model at other instances first, then each provider's stand-in
 * from the table of equivalents, by priority. Empty when the table does not know the model; nothing is guessed.
 */
export function equivalentTargets(target: Target, instances: ReadonlyMap<string, ProviderInstance>): readonly Target[] {
  const tier = tierOf(target.instance.provider.name, target.model);
  return [...instances.values()]
    .filter((instance) => instance !== target.instance)
    .flatMap((instance) => {
      const model = modelAt(instance, target, tier);
      return model === undefined ? [] : [targetAt(instance, model)];
    })
    .sort((a, b) => Number(b.model === target.model) - Number(a.model === target.model) || a.priority - b.priority);
}

function modelAt(instance: ProviderInstance, target: Target, tier: Tier | undefined): string | undefined {
  const { provider, models } = instance;
  if (models.includes(target.model)) return target.model;
  const isOpen = models.length === 0;
  // Two accounts with one vendor serve the same models; two servers of one's own need not.
  const isSameVendor = provider.name === target.instance.provider.name && provider.keyOptional !== true;
  if (isOpen && isSameVendor) return target.model;
  if (tier === undefined) return undefined;
  const standIn = equivalenceTable[tier][provider.name]?.standIn;
  if (isOpen || (standIn !== undefined && models.includes(standIn))) return standIn;
  return models.find((model) => tierOf(provider.name, model) === tier);
}

function readTable(): ReadonlyMap<string, readonly Member[]> {
  const members = new Map<string, Member[]>();
  for (const tier of tiers) {
    for (const [provider, equivalents] of Object.entries(equivalenceTable[tier])) {
      const known = members.get(provider) ?? [];
      known.push(...equivalents.members.map((member) => readMember(member, tier)));
      members.set(provider, known);
    }
  }
  for (const known of members.values()) known.sort((a, b) => b.said - a.said);
  return members;
}

function readMember(member: string, tier: Tier): Member {
  const parts = member.split('*').map((part) => part.replace(/[.]/g, '\\.'));
  return { pattern: new RegExp(`^${parts.join(version)}${ending}$`), tier, said: member.replaceAll('*', '').length };
}
