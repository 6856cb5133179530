/** What a model can take and give. What is absent is unknown, and unknown never counts against a model. */
export interface ModelFacts extends ModelAbilities {
  /** Tokens of prompt and answer together. */
  readonly contextWindow?: number;
  /** Most tokens of one answer. */
  readonly maxOutputTokens?: number;
}

export interface ModelAbilities {
  /** Calls functions. */
  readonly tools?: boolean;
  /** Calls several functions at once. */
  readonly parallelTools?: boolean;
  /** Can be made to call a function. */
  readonly toolChoice?: boolean;
  /** Reads images. */
  readonly vision?: boolean;
  readonly audioInput?: boolean;
  /** Reads documents such as PDF. */
  readonly files?: boolean;
  /** Can be held to a JSON Schema. */
  readonly jsonSchema?: boolean;
  /** Can be held to JSON of any shape. */
  readonly jsonMode?: boolean;
  readonly reasoning?: boolean;
  /** Gives several answers to one request (`n`). */
  readonly choices?: boolean;
  readonly streaming?: boolean;
  readonly embeddings?: boolean;
  /** Makes images. */
  readonly images?: boolean;
}

export const abilities = [
  'tools',
  'parallelTools',
  'toolChoice',
  'vision',
  'audioInput',
  'files',
  'jsonSchema',
  'jsonMode',
  'reasoning',
  'choices',
  'streaming',
  'embeddings',
  'images',
] as const satisfies readonly (keyof ModelAbilities)[];

/** Facts about all models whose name matches. Of several rules, a later one wins, fact by fact. */
export interface FactRule {
  readonly models: RegExp;
  readonly facts: ModelFacts;
}

/** What the rules say of a model. */
export function factsByRules(rules: readonly FactRule[], model: string): ModelFacts {
  return Object.assign({}, ...rules.filter(({ models }) => models.test(model)).map(({ facts }) => facts));
}

/** A model that only makes vectors. */
export const embeddingModel: ModelFacts = {
  ...Object.fromEntries(abilities.map((ability) => [ability, false])),
  embeddings: true,
};

/** A model that only makes images. */
export const imageModel: ModelFacts = { ...embeddingModel, embeddings: false, images: true };

/** A model behind another operation (speech, transcription, moderation). */
export const otherModel: ModelFacts = { ...embeddingModel, embeddings: false };
