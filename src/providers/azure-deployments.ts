import type { Dialect, EncodedRequest, EncodeTarget } from '../dialects/dialect.ts';
import type { EmbeddingFormat } from '../dialects/embeddings/format.ts';
import type { ImageFormat } from '../dialects/images/format.ts';
import type { Splice } from '../wire/splice-json.ts';
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
      throw refuseSetting(setting, `holds a name that ${problem}`);
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
export function dialectForDeployments(dialect: Dialect, deployments: Deployments): Dialect {
  const { request } = dialect;
  return {
    ...dialect,
    request: {
      ...request,
      encode: (asked, target) => addressed(request.encode(asked, written(target, deployments)), target, deployments),
      passThrough: (body, target) =>
        addressedSplices(request.passThrough(body, written(target, deployments)), target, deployments),
    },
  };
}

export function embeddingsForDeployments(format: EmbeddingFormat, deployments: Deployments): EmbeddingFormat {
  const { passThrough } = format;
  return {
    ...format,
    encode: (asked, target) => addressed(format.encode(asked, written(target, deployments)), target, deployments),
    ...(passThrough !== undefined && {
      passThrough: {
        ...passThrough,
        request: (body, target) =>
          addressedSplices(passThrough.request(body, written(target, deployments)), target, deployments),
      },
    }),
  };
}

export function imagesForDeployments(format: ImageFormat, deployments: Deployments): ImageFormat {
  return {
    ...format,
    encode: (asked, target) => addressed(format.encode(asked, written(target, deployments)), target, deployments),
    ...(format.passThrough !== undefined && {
      passThrough: (body, target) =>
        addressedSplices(format.passThrough?.(body, written(target, deployments)), target, deployments),
    }),
  };
}

function written({ model, ...target }: EncodeTarget, { modelOf }: Deployments): EncodeTarget {
  return { ...target, model: modelOf(model) };
}

function addressed(
  { body, ...encoded }: EncodedRequest,
  { model }: EncodeTarget,
  { deploymentOf }: Deployments,
): EncodedRequest {
  return { ...encoded, body: { ...body, model: deploymentOf(model) } };
}

function addressedSplices(
  splices: readonly Splice[] | undefined,
  { model }: EncodeTarget,
  { deploymentOf }: Deployments,
): readonly Splice[] | undefined {
  if (splices === undefined) return undefined;
  return [...splices.filter(([key]) => key !== 'model'), ['model', JSON.stringify(deploymentOf(model))]];
}
