import { GatewayError } from '../../core/errors.ts';
import { asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Message, Part, Role, ToolResultPart } from '../canonical.ts';
import { callId, isMadeUp } from './call-ids.ts';
import { decodeMedia } from './media.ts';
import { decodeCall, decodeText, givenId, ownPart } from './parts.ts';
import { decodeToolResult } from './tool-results.ts';
import { wireList, wireObject } from './wire.ts';

/** A function call of the last model turn that waits for its response. */
interface OpenCall {
  readonly id: string;
  readonly name: string;
  answered: boolean;
}

/** @throws GatewayError `invalid_request` when `contents` is no list of turns */
export function decodeMessages(contents: JsonValue | undefined): Message[] {
  const turns = wireList(contents);
  if (turns.length === 0) throw refused('contents', 'must be a list of at least one turn');
  let calls: OpenCall[] = [];
  return turns.flatMap((turn, place) => {
    const content = wireObject(turn);
    if (content === undefined) throw refused(`contents[${place}]`, 'must be an object');
    const parts = wireList(content.parts);
    const role = decodeRole(content.role, place);
    if (role !== 'assistant') return decodeUserTurn(role, parts, { place, calls });
    const message = decodeModelTurn(parts, place);
    calls = message.parts.flatMap((part) =>
      part.type === 'tool-call' ? [{ id: part.id, name: part.name, answered: false }] : [],
    );
    return [message];
  });
}

/** The system instruction as a message, or none. */
export function decodeSystemInstruction(instruction: JsonValue | undefined): Message[] {
  const text = asString(instruction);
  if (text !== undefined) return [{ role: 'system', parts: [{ type: 'text', text }] }];
  const parts = wireList(wireObject(instruction)?.parts).map(decodeInputPart);
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

/** `function` is how early libraries marked function responses; without a role it is the user who speaks. */
function decodeRole(role: JsonValue | undefined, place: number): Extract<Role, 'assistant' | 'user' | 'system'> {
  switch (role) {
    case 'model':
      return 'assistant';
    case undefined:
    case '':
    case 'user':
    case 'function':
      return 'user';
    case 'system':
      return 'system';
    default:
      throw refused(`contents[${place}].role`, 'must be "user" or "model"');
  }
}

function decodeModelTurn(parts: readonly JsonValue[], place: number): Message {
  let calls = 0;
  return {
    role: 'assistant',
    parts: parts.map((value): Part => {
      const part = wireObject(value);
      if (part === undefined) throw refused(`contents[${place}].parts`, 'must be a list of objects');
      const call = decodeCall(part, () => callId(String(place), calls, ''));
      if (call !== undefined) calls += 1;
      // A function response in a model turn is Google's own: it ran the tool itself.
      return call ?? decodeText(part) ?? decodeMedia(part) ?? ownPart(part);
    }),
  };
}

/** Function responses become `tool` messages, what stands between them messages of their own, in the order of the turn. */
function decodeUserTurn(
  role: Role,
  parts: readonly JsonValue[],
  { place, calls }: { readonly place: number; readonly calls: OpenCall[] },
): Message[] {
  const messages: { role: Role; parts: Part[] }[] = [];
  for (const [number, value] of parts.entries()) {
    const fields = wireObject(value);
    if (fields === undefined) throw refused(`contents[${place}].parts`, 'must be a list of objects');
    const response = wireObject(fields.functionResponse);
    const part =
      response === undefined
        ? decodeInputPart(fields)
        : decodeResult(fields, response, { calls, orphanId: callId(`${place}_${number}`, 0, '') });
    const speaker = part.type === 'tool-result' ? 'tool' : role;
    const last = messages.at(-1);
    if (last?.role === speaker) last.parts.push(part);
    else messages.push({ role: speaker, parts: [part] });
  }
  return messages;
}

function decodeInputPart(value: JsonValue): Part {
  const part = wireObject(value);
  if (part === undefined) throw refused('contents', 'must hold parts that are objects');
  const text = part.thought === true ? undefined : decodeText(part);
  return text ?? decodeMedia(part) ?? ownPart(part);
}

/** The call a response answers is named by its id, else it is the next open one of its name. */
function decodeResult(
  part: JsonObject,
  response: JsonObject,
  { calls, orphanId }: { readonly calls: OpenCall[]; readonly orphanId: string },
): ToolResultPart {
  const id = givenId(response);
  const name = asString(response.name);
  const call =
    calls.find((open) => !open.answered && open.id === id) ??
    calls.find((open) => !open.answered && open.name === name && (id === undefined || isMadeUp(open.id)));
  if (call !== undefined) call.answered = true;
  return decodeToolResult(part, response, call?.id ?? id ?? orphanId);
}

function refused(param: string, rule: string): GatewayError {
  return new GatewayError('invalid_request', { message: `\`${param}\` ${rule}.`, param });
}
