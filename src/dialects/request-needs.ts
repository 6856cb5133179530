import type { ChatRequest, Part } from './canonical.ts';
import { forcesCall } from './forces-call.ts';

/** Something a request asks of a model that not every model can. */
export type Need =
  | 'tools'
  | 'toolChoice'
  | 'vision'
  | 'audioInput'
  | 'files'
  | 'jsonSchema'
  | 'jsonMode'
  | 'reasoning'
  | 'choices';

export interface RequestNeeds {
  readonly needs: ReadonlySet<Need>;
  /** The bound the caller sets on its answer, in tokens. */
  readonly maxOutputTokens: number | undefined;
}

/** What a decoded request needs: for dialects without a reader of their own. */
export function canonicalNeeds(request: ChatRequest): RequestNeeds {
  const needs = new Set<Need>();
  if ((request.tools?.length ?? 0) > 0) needs.add('tools');
  if (forcesCall(request.toolChoice)) needs.add('toolChoice');
  if (request.responseFormat?.type === 'json-schema') needs.add('jsonSchema');
  if (request.responseFormat?.type === 'json') needs.add('jsonMode');
  if (wantsReasoning(request)) needs.add('reasoning');
  if ((request.choiceCount ?? 1) > 1) needs.add('choices');
  for (const { parts } of request.messages) addPartNeeds(parts, needs);
  return { needs, maxOutputTokens: request.maxOutputTokens };
}

function wantsReasoning({ reasoning }: ChatRequest): boolean {
  if (reasoning === undefined || reasoning.enabled === false) return false;
  const { enabled, effort, budgetTokens } = reasoning;
  return enabled === true || (effort !== undefined && effort !== 'none') || (budgetTokens ?? 0) > 0;
}

function addPartNeeds(parts: readonly Part[], needs: Set<Need>): void {
  for (const part of parts) {
    if (part.type === 'image') needs.add('vision');
    else if (part.type === 'audio') needs.add('audioInput');
    else if (part.type === 'file' && part.source.kind !== 'text') needs.add('files');
    else if (part.type === 'tool-result') addPartNeeds(part.content, needs);
  }
}
