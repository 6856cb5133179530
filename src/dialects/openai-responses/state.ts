import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { isMadeUpItemId } from './item-ids.ts';

/*
 * What a request may refer to that only the provider holds: earlier answers, conversations, stored prompts and items. This
 * gateway keeps no state, so such a request can only go, as it is, to a provider that speaks this dialect.
 */

const reasonOf: Readonly<Record<string, string>> = {
  previous_response_id: 'Send the whole conversation in `input` instead.',
  conversation: 'Send the whole conversation in `input` instead.',
  prompt: 'Send the text of the prompt instead.',
  background: 'Wait for the answer, or stream it.',
};

/**
 * The member that refers to what only the provider holds, and the way out; `undefined` when there is none.
 */
export function providerState(body: JsonObject): { readonly param: string; readonly remedy: string } | undefined {
  for (const [param, remedy] of Object.entries(reasonOf)) if (isGiven(body, param)) return { param, remedy };
  const index = asArray(body.input).findIndex((item) => isStoredItem(asObject(item)));
  if (index < 0) return undefined;
  return { param: `input[${index}]`, remedy: 'Send items whole, which clients do with `store: false`.' };
}

/** @throws GatewayError `unsupported_parameter` with `param`, when the request refers to what only a provider holds */
export function refuseProviderState(body: JsonObject): void {
  const state = providerState(body);
  if (state === undefined) return;
  const { param, remedy } = state;
  const message = `'${param}' refers to what only a provider with the Responses API keeps. ${remedy}`;
  throw new GatewayError('unsupported_parameter', { param, message });
}

function isGiven(body: JsonObject, param: string): boolean {
  const value = body[param];
  return value !== undefined && value !== null && value !== false;
}

/** Reasoning this gateway gave an id cannot be looked up, and nothing is lost without it; anything else is lost. */
function isStoredItem(item: JsonObject | undefined): boolean {
  if (item?.type !== 'item_reference') return false;
  const id = asString(item.id) ?? '';
  return !(id.startsWith('rs_') && isMadeUpItemId(id));
}
