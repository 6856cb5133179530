import { asObject, type JsonObject } from '../../core/json.ts';
import type { Choice, Part } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { callId } from './call-ids.ts';
import { decodeFinishReason, encodeFinishReason, finishWord, isKnownFinishWord } from './finish-reason.ts';
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts';
import { decodeCall, decodeText, encodeModelPart, isEmptyText, ownPart } from './parts.ts';
import { wireList, wireObject } from './wire.ts';

/* https://ai.google.dev/api/generate-content#candidate */

const candidateFields: ReadonlySet<string> = new Set(['content', 'finishReason', 'index', 'logprobsResult']);

/** Fields of a candidate that the canonical choice has no place for: ratings, citations, grounding, ... */
export function candidateRest(candidate: JsonObject): JsonObject | undefined {
  return otherMembers(candidate, candidateFields);
}

/** No model gives more answers than this. */
const maxIndex = 127;

/** @param place where the candidate stands in the list, for models that do not number them */
export function candidateIndex({ index }: JsonObject, place: number): number {
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index <= maxIndex ? index : place;
}

/** The seed of the ids of one candidate's calls. */
export function candidateSeed(answerSeed: string, index: number): string {
  return index === 0 ? answerSeed : `${answerSeed}c${index}`;
}

/** A whole candidate. @param place its place in the list, where it has no index */
export function decodeCandidate(candidate: JsonObject, place: number, answerSeed: string): Choice {
  const index = candidateIndex(candidate, place);
  const parts = decodeParts(candidate, candidateSeed(answerSeed, index));
  const calls = parts.filter((part) => part.type === 'tool-call').length;
  const word = finishWord(candidate.finishReason);
  const logprobs = decodeLogprobs(candidate.logprobsResult);
  const extension = choiceExtension(candidateRest(candidate), word);
  return {
    index,
    parts,
    finishReason: decodeFinishReason(word, calls),
    ...(word !== undefined && { rawFinishReason: word }),
    ...(logprobs !== undefined && { logprobs }),
    ...(extension && { extensions: { gemini: extension } }),
  };
}

/** A finish reason nobody knows is kept among Gemini's own fields, so that a Gemini caller reads it as it was. */
export function choiceExtension(rest: JsonObject | undefined, word: string | undefined): JsonObject | undefined {
  return word === undefined || isKnownFinishWord(word) ? rest : { ...rest, finishReason: word };
}

function decodeParts(candidate: JsonObject, seed: string): Part[] {
  let calls = 0;
  return wireList(asObject(candidate.content)?.parts).flatMap((value): Part[] => {
    const part = wireObject(value);
    if (part === undefined) return [];
    const call = decodeCall(part, (content) => callId(seed, calls, content));
    if (call !== undefined) calls += 1;
    const text = call === undefined ? decodeText(part) : undefined;
    if (text !== undefined && isEmptyText(text)) return [];
    return [call ?? text ?? ownPart(part)];
  });
}

export function encodeCandidate(choice: Choice): JsonObject {
  const parts = choice.parts
    .map((part) => encodeModelPart(shown(part), new Set()))
    .filter((part) => part !== undefined);
  return {
    content: { ...(parts.length > 0 && { parts }), role: 'model' },
    ...finishedFields(choice),
  };
}

/** Thinking another provider signed can be read by whoever asked; only the signature means nothing here. */
function shown(part: Part): Part {
  if (part.type !== 'reasoning' || part.signature === undefined || part.signature.dialect === 'gemini') return part;
  const { signature: _signature, ...unsigned } = part;
  return unsigned;
}

/** What stands in the last chunk of a candidate. */
export function finishedFields(choice: Omit<Choice, 'parts'>): JsonObject {
  const logprobsResult = encodeLogprobs(choice.logprobs);
  return {
    finishReason: encodeFinishReason(choice.finishReason, choice.rawFinishReason),
    index: choice.index,
    ...(logprobsResult && { logprobsResult }),
    ...choice.extensions?.gemini,
  };
}
