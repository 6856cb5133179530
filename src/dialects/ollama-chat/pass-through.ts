import { asObject, type JsonObject } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { isGatewayMember } from '../request-members.ts';
import { canonicalMembers, gatewayOption, ownMembers } from './wire.ts';

/**
 * How a caller's body may go on as it is: with the target's name of the model, and without what speaks to this gateway.
 * The server ignores members it does not know, but then nobody would be told: such a body is read and written anew.
 */
export function passThrough(body: JsonObject, target: EncodeTarget): readonly Splice[] | undefined {
  if (body.messages !== undefined && !Array.isArray(body.messages)) return undefined;
  if (asObject(body.options)?.[gatewayOption] !== undefined) return undefined;
  const splices: Splice[] = [['model', JSON.stringify(target.model)]];
  for (const key in body) {
    if (isGatewayMember(key, body[key])) splices.push([key, undefined]);
    else if (!canonicalMembers.has(key) && !ownMembers.has(key)) return undefined;
  }
  return splices;
}
