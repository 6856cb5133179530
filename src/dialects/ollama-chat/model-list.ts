import type { JsonObject } from '../../core/json.ts';

/** A model as lists name it. */
export interface ListedModel {
  /** What callers write as `model`. */
  readonly name: string;
  /** Seconds since 1970. @default 0 */
  readonly created?: number;
}

/**
 * The answer to `GET /api/tags`. Clients show its details and do not check that they are there; a model that is served
 * elsewhere has no file whose size or digest could be told. https://docs.ollama.com/api/tags
 */
export function encodeModelList(models: readonly ListedModel[]): JsonObject {
  return {
    models: models.map(({ name, created = 0 }) => ({
      name,
      model: name,
      modified_at: new Date(created * 1000).toISOString(),
      size: 0,
      digest: '',
      details: {
        parent_model: '',
        format: '',
        family: '',
        families: [],
        parameter_size: '',
        quantization_level: '',
      },
    })),
  };
}
