import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import type { RequestBody } from '../core/request-body.ts';
import type { ChatRequest } from '../dialects/canonical.ts';
import type { Need, RequestNeeds } from '../dialects/request-needs.ts';
import { factsOf } from '../providers/facts/facts-of.ts';
import type { Target } from '../providers/provider.ts';
import { PromptSize } from './prompt-size.ts';
import { readNeeds } from './request-needs.ts';

export interface FittingInit {
  readonly call: Pick<Call, 'dialect' | 'skipped'>;
  readonly body: RequestBody;
  /** The request decoded; only asked for where the body cannot be read as it is. */
  readonly canonical: () => ChatRequest;
  /** In order of trial. */
  readonly targets: readonly Target[];
  /** What happens when the first target lacks something: `reject` answers 400, `drop` asks the others. */
  readonly unsupported: 'drop' | 'reject';
}

/**
 * The targets whose model can do what the request needs, as far as anybody knows; in the same order. What is left out is
 * noted on the call. When every target lacks something that can be left out of a request, they all stay, and the
 * parameter will be reported as dropped.
 *
 * @throws GatewayError `unsupported_parameter` or `context_length_exceeded` when no target can take the request
 */
export function fittingTargets({ call, body, canonical, targets, unsupported }: FittingInit): readonly Target[] {
  const request = { ...readNeeds(call.dialect, body.json, canonical), size: new PromptSize(body) };
  const verdicts = targets.map((target) => lackOf(target, request));
  const first = verdicts.find((lack) => lack !== undefined);
  if (first === undefined) return targets;
  if (unsupported === 'reject' && verdicts[0] !== undefined) throw errorOf(verdicts[0]);
  const fitting = without(targets, verdicts, (lack) => lack !== undefined);
  const left =
    fitting.length > 0 ? fitting : without(targets, verdicts, (lack) => lack !== undefined && !isOptional(lack));
  if (left.length === 0) throw errorOf(first);
  for (const [position, lack] of verdicts.entries()) {
    const target = targets[position];
    if (lack === undefined || target === undefined || left.includes(target)) continue;
    call.skipped.push({ target: target.id, reason: lack.need });
  }
  return left;
}

/** What a target's model surely cannot do. */
type Lack =
  | { readonly target: Target; readonly need: Need }
  | { readonly target: Target; readonly need: 'contextWindow'; readonly window: number };

interface SizedRequest extends RequestNeeds {
  readonly size: PromptSize;
}

function lackOf(target: Target, { needs, maxOutputTokens, size }: SizedRequest): Lack | undefined {
  const facts = factsOf(target);
  let lacking: Need | undefined;
  for (const need of needs) {
    if (facts[need] !== false) continue;
    if (!optional.has(need)) return { target, need };
    lacking ??= need;
  }
  const { contextWindow } = facts;
  const answer = Math.min(maxOutputTokens ?? 0, facts.maxOutputTokens ?? Number.POSITIVE_INFINITY);
  if (contextWindow !== undefined && size.atMost + answer > contextWindow && size.atLeast + answer > contextWindow) {
    return { target, need: 'contextWindow', window: contextWindow };
  }
  return lacking === undefined ? undefined : { target, need: lacking };
}

/** Wishes a request can be stripped of, or that are put into other words; the caller then reads that they were. */
const optional: ReadonlySet<Lack['need']> = new Set<Need>([
  'toolChoice',
  'jsonSchema',
  'jsonMode',
  'reasoning',
  'choices',
]);

function isOptional({ need }: Lack): boolean {
  return optional.has(need);
}

function without(
  targets: readonly Target[],
  verdicts: readonly (Lack | undefined)[],
  leavesOut: (lack: Lack | undefined) => boolean,
): readonly Target[] {
  return targets.filter((_target, position) => !leavesOut(verdicts[position]));
}

const missing: Readonly<Record<Need, { readonly param: string; readonly what: string }>> = {
  tools: { param: 'tools', what: 'cannot call tools' },
  toolChoice: { param: 'tool_choice', what: 'cannot be made to call a tool' },
  vision: { param: 'messages', what: 'cannot read images' },
  audioInput: { param: 'messages', what: 'cannot listen to audio' },
  files: { param: 'messages', what: 'cannot read files' },
  jsonSchema: { param: 'response_format', what: 'cannot be held to a JSON Schema' },
  jsonMode: { param: 'response_format', what: 'cannot be held to JSON' },
  reasoning: { param: 'reasoning_effort', what: 'does not reason' },
  choices: { param: 'n', what: 'gives one answer at a time' },
};

function errorOf(lack: Lack): GatewayError {
  const { id } = lack.target;
  if (lack.need === 'contextWindow') {
    return new GatewayError('context_length_exceeded', {
      param: 'messages',
      message: `The request, with the answer it asks for, is longer than the ${lack.window} tokens of \`${id}\`.`,
    });
  }
  const { param, what } = missing[lack.need];
  return new GatewayError('unsupported_parameter', { param, message: `\`${id}\` ${what}.` });
}
