import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { Refusal } from '../personality.ts';
import { thirdGeneration } from './answer.ts';
import { camelCaseKeys } from './camel-case.ts';
import { invalid, refuseUnknown } from './invalid.ts';
import type { ContentView, RequestView } from './request-view.ts';

export function checkContents({ contents }: RequestView, model: string): Refusal | undefined {
  if (contents.length === 0) return invalid('* GenerateContentRequest.contents: contents is not specified\n');
  return firstRefusal([
    () => refuseAny(contents, checkContent),
    () => checkTurns(contents),
    () => (thirdGeneration.test(model) ? checkSignatures(contents) : undefined),
  ]);
}

function checkContent({ role, parts, raw }: ContentView, index: number): Refusal | undefined {
  const where = `contents[${index}]`;
  if (role !== undefined && !['user', 'model', 'function'].includes(role)) {
    return invalid('Please use a valid role: user, model.');
  }
  if (parts.length === 0)
    return invalid(`* GenerateContentRequest.${where}.parts: contents.parts must not be empty.\n`);
  return firstRefusal([
    () => refuseUnknown(raw, 'role parts', where),
    () => refuseAny(parts, (part, position) => checkPart(part, `${where}.parts[${position}]`)),
  ]);
}

const partFields =
  'text inlineData fileData functionCall functionResponse executableCode codeExecutionResult thought thoughtSignature ' +
  'videoMetadata partMetadata mediaResolution toolCall toolResponse';

const dataFields = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
];

function checkPart(part: JsonObject, where: string): Refusal | undefined {
  if (!dataFields.some((field) => part[field] !== undefined)) {
    return invalid(
      `* GenerateContentRequest.${where}.data: required oneof field 'data' must have one initialized field\n`,
    );
  }
  return firstRefusal([
    () => refuseUnknown(part, partFields, where),
    () => checkInlineData(camelCaseKeys(part.inlineData), where),
    () => checkCall(asObject(part.functionCall), where),
    () => checkResponse(asObject(part.functionResponse), where),
  ]);
}

function checkInlineData(media: JsonObject | undefined, where: string): Refusal | undefined {
  if (media === undefined) return undefined;
  if (!asString(media.mimeType)?.includes('/')) {
    return invalid(`* GenerateContentRequest.${where}.inline_data.mime_type: mime type must be specified\n`);
  }
  const valid = /^[A-Za-z0-9+/_-]+={0,2}$/.test(asString(media.data) ?? '');
  return valid
    ? undefined
    : invalid(`Invalid value at '${where}.inline_data.data' (TYPE_BYTES), Base64 decoding failed`);
}

function checkCall(call: JsonObject | undefined, where: string): Refusal | undefined {
  if (call === undefined) return undefined;
  if (!asString(call.name))
    return invalid(`* GenerateContentRequest.${where}.function_call.name: Name cannot be empty.\n`);
  if (call.args !== undefined && asObject(call.args) === undefined) {
    return invalid(
      `Invalid value at '${where}.function_call.args' (type.googleapis.com/google.protobuf.Struct), ${JSON.stringify(call.args)}`,
    );
  }
  return refuseUnknown(call, 'id name args partialArgs willContinue', `${where}.function_call`);
}

function checkResponse(response: JsonObject | undefined, where: string): Refusal | undefined {
  if (response === undefined) return undefined;
  if (!asString(response.name)) {
    return invalid(`* GenerateContentRequest.${where}.function_response.name: Name cannot be empty.\n`);
  }
  if (asObject(response.response) === undefined) {
    return invalid(
      `Invalid value at '${where}.function_response.response' (type.googleapis.com/google.protobuf.Struct), ${JSON.stringify(response.response ?? null)}`,
    );
  }
  return refuseUnknown(response, 'id name response willContinue scheduling parts', `${where}.function_response`);
}

/** A turn of calls follows the user, and is followed by one that holds exactly its results. Neighbours of one role are one turn. */
function checkTurns(contents: readonly ContentView[]): Refusal | undefined {
  let called = 0;
  for (const [index, { role, parts }] of mergeTurns(contents).entries()) {
    const calls = count(parts, 'functionCall');
    const responses = count(parts, 'functionResponse');
    if (role === 'model') {
      if (calls > 0 && index === 0) {
        return invalid(
          'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
        );
      }
      called = Math.max(0, calls - responses);
    } else {
      const problem = checkResults(called, responses);
      if (problem !== undefined) return problem;
      called = 0;
    }
  }
  return undefined;
}

function checkResults(called: number, responses: number): Refusal | undefined {
  if (responses > 0 && called === 0) {
    return invalid('Please ensure that function response turn comes immediately after a function call turn.');
  }
  if (called === responses) return undefined;
  return invalid(
    'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
  );
}

interface Turn {
  readonly role: 'model' | 'user';
  readonly parts: readonly JsonObject[];
}

function mergeTurns(contents: readonly ContentView[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const content of contents) {
    const role = content.role === 'model' ? 'model' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) turns[turns.length - 1] = { role, parts: [...last.parts, ...content.parts] };
    else turns.push({ role, parts: content.parts });
  }
  return turns;
}

function count(parts: readonly JsonObject[], field: string): number {
  return parts.filter((part) => part[field] !== undefined).length;
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures: the first call of a turn must bring its signature back. */
function checkSignatures(contents: readonly ContentView[]): Refusal | undefined {
  return refuseAny(contents, ({ parts }, index) => {
    const first = parts.find((part) => part.functionCall !== undefined);
    if (first === undefined || first.thoughtSignature !== undefined) return undefined;
    const name = asString(asObject(first.functionCall)?.name) ?? '';
    return invalid(
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\`, position ${index + 1}.`,
    );
  });
}
