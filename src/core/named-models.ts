import type { Slot } from './call.ts';

/**
 * The models that the caller's key names one by one, as the operator wrote them (`openai/gpt-4o`, `gpt-4o`): whoever lists
 * models shows the caller these, too, where they can be had. Absent where the key names none.
 */
export const namedModels: Slot<readonly string[]> = { name: 'named-models' };
