import { asObject, type JsonObject } from '../../core/json.ts';
import type { Prompt, PromptTool } from './prompt.ts';
import { words } from './prompt.ts';
import { sampleSchema } from './sample-schema.ts';

export interface PlannedToolCall {
  readonly name: string;
  /** An object, or JSON text to be sent as it is. */
  readonly arguments: JsonObject | string;
}

/**
 * The tools a prompt makes the provider call: those its last message names as in `call get_weather {"city":"Oslo"}`,
 * where the JSON may be left out; or the one `tool_choice` demands. A turn that brings results calls nothing.
 */
export function findToolCalls(prompt: Prompt): readonly PlannedToolCall[] {
  const { tools, toolChoice } = prompt;
  if (tools.length === 0 || toolChoice.type === 'none') return [];
  if (toolChoice.type === 'required') {
    const allowed = tools.filter((tool) => toolChoice.names?.includes(tool.name) ?? true);
    return demanded(allowed, prompt);
  }
  return prompt.toolResults.length > 0 ? [] : limitParallel(mentioned(tools, prompt.question), prompt);
}

function demanded(tools: readonly PromptTool[], prompt: Prompt): readonly PlannedToolCall[] {
  const asked = limitParallel(mentioned(tools, prompt.question), prompt);
  const first = tools[0];
  return asked.length > 0 || first === undefined ? asked : [{ name: first.name, arguments: sampleArguments(first) }];
}

function limitParallel(calls: readonly PlannedToolCall[], prompt: Prompt): readonly PlannedToolCall[] {
  return prompt.parallelToolCalls ? calls : calls.slice(0, 1);
}

function mentioned(tools: readonly PromptTool[], question: string): readonly PlannedToolCall[] {
  return [...question.matchAll(/\bcall\s+([A-Za-z_](?:[\w.-]{0,126}\w)?)\s*/g)].flatMap((match) => {
    const tool = tools.find((candidate) => candidate.name === match[1]);
    if (tool === undefined) return [];
    const written = jsonObjectAt(question, match.index + match[0].length);
    return [{ name: tool.name, arguments: written ?? sampleArguments(tool) }];
  });
}

function sampleArguments(tool: PromptTool): JsonObject {
  return asObject(sampleSchema({ type: 'object', ...tool.schema }, 'example')) ?? {};
}

/** The JSON object that starts at an offset of a text; tries each closing brace in turn. */
function jsonObjectAt(text: string, start: number): JsonObject | undefined {
  if (text[start] !== '{') return undefined;
  for (let end = text.indexOf('}', start); end >= 0; end = text.indexOf('}', end + 1)) {
    const parsed = tryParse(text.slice(start, end + 1));
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

function tryParse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return asObject(value);
  } catch {
    return undefined;
  }
}

/**
 * The built-in answer: `say: <text>` is repeated to the letter, `write <n> words` gives as many, tool results are read
 * back, anything else is acknowledged with the question's gist.
 */
export function plainSpeech(prompt: Prompt): string {
  const { question, toolResults } = prompt;
  if (toolResults.length > 0) return `The tools answered: ${toolResults.join('; ')}`;
  const verbatim = /\bsay: ([\s\S]+)$/.exec(question)?.[1];
  if (verbatim !== undefined) return verbatim;
  const count = Number(/\bwrite (\d{1,5}) words\b/.exec(question)?.[1] ?? 0);
  if (count > 0) return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ');
  const pictures = prompt.images > 0 ? ` and ${prompt.images === 1 ? 'an image' : `${prompt.images} images`}` : '';
  return `You said "${gist(question)}"${pictures}. This is a test answer from ${prompt.model}.`;
}

/** The first words of a text, in one line. */
export function gist(text: string): string {
  const all = words(text.replace(/\s+/g, ' ').trim());
  return all.length <= 20 ? all.join('') : `${all.slice(0, 20).join('')} ...`;
}
