import type { Dialect, EncodeTarget } from '../dialects/dialect.ts';
import { modelNameProblem } from './model-name.ts';
import { refuseSetting, type Setting, splitList } from './setting.ts';

/** Which deployment runs which model. */
export interface Deployments {
  /** Models with a deployment of another name. */
  readonly models: readonly string[];
  /** The deployment of a model, or of itself. */
  deploymentOf(name: string): string;
  /** The model that a name stands for, as far as it is known. */
  modelOf(name: string): string;
}

/** @throws ConfigurationError for names that can be none */
export function createDeployments(setting: Setting<Readonly<Record<string, string>>> | undefined): Deployments {
  const entries = Object.entries(setting?.value ?? {});
  for (const [model, deployment] of entries) {
    const problem = modelNameProblem(model) ?? modelNameProblem(deployment);
    if (setting !== undefined && problem !== undefined) {
      throw refuseSetting({ ...setting, where: `${setting.where}.${model}` }, `holds a name that ${problem}`);
    }
  }
  const byModel = new Map(entries);
  const byDeployment = new Map(entries.map(([model, deployment]) => [deployment, model]));
  return {
    models: [...byModel.keys()],
    deploymentOf: (name) => byModel.get(name) ?? name,
    modelOf: (name) => (byModel.has(name) ? name : (byDeployment.get(name) ?? name)),
  };
}

/**
 * `gpt-4o=my-deployment,o3=other` as an object.
 * @throws ConfigurationError
 */
export function readDeploymentList(setting: Setting<string>): Setting<Readonly<Record<string, string>>> {
  const pairs = splitList(setting).value.map((part): readonly [string, string] => {
    const [model = '', deployment = '', ...more] = part.split('=').map((name) => name.trim());
    if (model === '' || deployment === '' || more.length > 0) {
      throw refuseSetting(setting, 'is written as "gpt-4o=my-deployment,o3=other"');
    }
    return [model, deployment];
  });
  const models = pairs.map(([model]) => model);
  if (new Set(models).size < models.length) throw refuseSetting(setting, 'names a model twice');
  return { value: Object.fromEntries(pairs), where: setting.where };
}

/** The dialect with requests written for the model and addressed to its deployment. */
export function forDeployments(dialect: Dialect, { models, modelOf, deploymentOf }: Deployments): Dialect {
  if (models.length === 0) return dialect;
  const written = ({ model }: EncodeTarget): EncodeTarget => ({ model: modelOf(model) });
  return {
    ...dialect,
    request: {
      ...dialect.request,
      encode(request, target) {
        const { body, ...encoded } = dialect.request.encode(request, written(target));
        return { ...encoded, body: 'model' in body ? { ...body, model: deploymentOf(target.model) } : body };
      },
      passThrough(body, target) {
        const splices = dialect.request.passThrough(body, written(target));
        if (splices === undefined) return undefined;
        const others = splices.filter(([key]) => key !== 'model');
        return [...others, ['model', JSON.stringify(deploymentOf(target.model))]];
      },
    },
  };
}
