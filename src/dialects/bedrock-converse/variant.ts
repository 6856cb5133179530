import type { ModelTraits } from './models.ts';

/** How an endpoint of the Converse API deviates from Amazon's own. */
export interface BedrockVariant {
  /** Models the built-in table does not know, or knows wrongly. The first match counts. */
  readonly models?: readonly ModelTraits[];
}
