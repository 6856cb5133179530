import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { Refusal } from '../personality.ts';
import { checkSchema } from './check-schema.ts';
import { invalid, refuseUnknown } from './invalid.ts';
import type { RequestView } from './request-view.ts';

const toolFields =
  'functionDeclarations googleSearch googleSearchRetrieval codeExecution urlContext fileSearch computerUse googleMaps mcpServers';

/** https://ai.google.dev/api/caching#Tool */
export function checkTools(view: RequestView): Refusal | undefined {
  return firstRefusal([
    () => refuseAny(view.tools, (tool, index) => refuseUnknown(tool, toolFields, `tools[${index}]`)),
    () => refuseAny(view.functions, checkFunction),
    () => checkCalling(view),
  ]);
}

const functionFields = 'name description parameters parametersJsonSchema response responseJsonSchema behavior';

function checkFunction(declared: JsonObject, index: number): Refusal | undefined {
  const where = `tools[0].function_declarations[${index}]`;
  if (!/^[a-zA-Z_][a-zA-Z0-9_.-]{0,63}$/.test(asString(declared.name) ?? '')) {
    return invalid(
      `* GenerateContentRequest.${where}.name: Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.) or dashes (-), with a maximum length of 64.\n`,
    );
  }
  const parameters = asObject(declared.parameters);
  if (parameters !== undefined && declared.parametersJsonSchema !== undefined) {
    return invalid(
      `* GenerateContentRequest.${where}: only one of parameters and parameters_json_schema may be set.\n`,
    );
  }
  return firstRefusal([
    () => refuseUnknown(declared, functionFields, where),
    () => (parameters === undefined ? undefined : checkSchema(parameters, `${where}.parameters`)),
  ]);
}

function checkCalling({ callingMode, allowedNames, functions }: RequestView): Refusal | undefined {
  if (callingMode !== undefined && !['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'].includes(callingMode)) {
    return invalid(`Invalid value at 'tool_config.function_calling_config.mode', "${callingMode}"`);
  }
  if (callingMode !== undefined && callingMode !== 'NONE' && functions.length === 0) {
    return invalid('Function calling config is set without function_declarations.');
  }
  if (allowedNames !== undefined && callingMode !== 'ANY' && callingMode !== 'VALIDATED') {
    return invalid('Allowed function names should only be set when the function calling mode is ANY or VALIDATED.');
  }
  const unknown = allowedNames?.find((name) => !functions.some((declared) => declared.name === name));
  return unknown === undefined ? undefined : invalid(`Allowed function name "${unknown}" is not declared.`);
}
