/*
 * Ids of output items. Where a provider gives none, they are made up in a form that tells so: nobody can look them up,
 * so they must not go back to a provider that would try.
 */

export type ItemPrefix = 'msg' | 'rs' | 'fc';

/** An id for an item at this place of an answer: the same however often the answer is written. */
export function madeUpItemId(prefix: ItemPrefix, responseId: string, place: number): string {
  // OpenAI takes ids of up to 64 characters.
  return `${prefix}_x_${responseId.replace(/[^a-zA-Z0-9_-]/g, '').slice(-48)}_${place}`;
}

export function isMadeUpItemId(id: string): boolean {
  return /^(?:msg|rs|fc)_x_/.test(id);
}
