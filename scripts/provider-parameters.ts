import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { ChatRequest, Message, Part } from '../src/dialects/canonical.ts';
import { currentModels } from '../src/providers/equivalence-table.ts';
import type { Provider } from '../src/providers/provider.ts';
import { providers } from '../src/providers/registry.ts';

/*
 * Writes docs/provider-parameters.md: what each provider does with each parameter, asked of the code that sends it.
 * `npx node scripts/provider-parameters.ts` writes the page; a test compares it with the code.
 */

const question: Message = { role: 'user', parts: [{ type: 'text', text: 'Hello' }] };
const plain: ChatRequest = { model: 'm', messages: [question], stream: false, includeUsage: false };
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;
const withTools: ChatRequest = {
  ...plain,
  tools: [{ type: 'function', name: 'weather', description: 'Weather of a city', parameters: schema }],
};
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

interface Probe {
  /** As the page names it. */
  readonly name: string;
  readonly request: ChatRequest;
  /** Names under which its loss may be reported. */
  readonly reported: readonly string[];
}

const probes: readonly Probe[] = [
  probe('max_tokens', { maxOutputTokens: 2_000 }, ['max_tokens', 'max_completion_tokens']),
  probe('temperature', { temperature: 0.5 }),
  probe('top_p', { topP: 0.5 }),
  probe('top_k', { topK: 20 }),
  probe('presence_penalty', { presencePenalty: 0.5 }),
  probe('frequency_penalty', { frequencyPenalty: 0.5 }),
  probe('seed', { seed: 7 }),
  probe('stop', { stop: ['END'] }),
  probe('n', { choiceCount: 2 }),
  probe('logprobs', { logprobs: true }),
  probe('user', { user: 'user-1' }),
  probe('tools', withTools),
  probe('tool_choice: required', { ...withTools, toolChoice: { type: 'required' } }, ['tool_choice']),
  probe('tool_choice: a function', { ...withTools, toolChoice: { type: 'tool', name: 'weather' } }, ['tool_choice']),
  probe('tool_choice: none', { ...withTools, toolChoice: { type: 'none' } }, ['tool_choice']),
  probe('parallel_tool_calls: false', { ...withTools, parallelToolCalls: false }, ['parallel_tool_calls']),
  probe('response_format: json_object', { responseFormat: { type: 'json' } }, ['response_format']),
  probe('response_format: json_schema', { responseFormat: { type: 'json-schema', name: 'city', schema } }, [
    'response_format',
  ]),
  probe('reasoning_effort', { reasoning: { effort: 'low' } }, ['reasoning_effort', 'reasoning']),
  probe('an image', asked({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: pixel } }), [
    'image',
  ]),
  probe('an image by URL', asked({ type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } }), [
    'image',
  ]),
  probe(
    'a PDF',
    asked({
      type: 'file',
      source: { kind: 'base64', mediaType: 'application/pdf', data: 'JVBERi0xLjQK' },
      filename: 'a.pdf',
    }),
    ['file'],
  ),
  probe('audio', asked({ type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'UklGRg==' } }), [
    'audio',
    'input_audio',
  ]),
];

function probe(name: string, change: Partial<ChatRequest>, reported: readonly string[] = [name]): Probe {
  return { name, request: { ...plain, ...change }, reported };
}

function asked(part: Part): Partial<ChatRequest> {
  return { messages: [{ ...question, parts: [...question.parts, part] }] };
}

type Verdict = 'works' | 'dropped' | 'refused';

function verdict({ dialect }: Provider, model: string, { request, reported }: Probe): Verdict {
  try {
    const { dropped } = dialect.request.encode(request, { model });
    return dropped.some((name) => reported.includes(name)) ? 'dropped' : 'works';
  } catch {
    return 'refused';
  }
}

/** Models that stand for a provider's usual ones where the table of equivalents names none. */
const examples: Readonly<Record<string, string>> = {
  azure: 'gpt-4o',
  bedrock: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  vertex: 'gemini-2.5-flash',
  ollama: 'llama3.2',
  vllm: 'any-model',
  'openai-compatible': 'any-model',
};

function exampleModel({ name }: Provider): string {
  return examples[name] ?? currentModels(name)[0] ?? 'any-model';
}

function section(provider: Provider): string {
  const model = exampleModel(provider);
  const named = (wanted: Verdict): string => {
    const found = probes.filter((one) => verdict(provider, model, one) === wanted).map(({ name }) => `\`${name}\``);
    return found.length === 0 ? 'nothing' : found.join(', ');
  };
  const lines = [
    `## ${provider.name}`,
    '',
    `Asked for \`${model}\`, in \`${provider.dialect.name}\`.`,
    '',
    `- **works**: ${named('works')}`,
    `- **reported as dropped**: ${named('dropped')}`,
    `- **refused with 400**: ${named('refused')}`,
  ];
  return lines.join('\n');
}

/** The whole page. */
export function providerParametersPage(): string {
  const head = `# What each provider does with each parameter

This page is made from the code that sends the requests (\`npx node scripts/provider-parameters.ts\`), and a test holds it to
that code. Each provider is asked for one model that stands for its usual ones; others may take more or less: reasoning
models refuse sampling, old ones have no structured output. What is dropped is named in \`x-gateway-dropped-params\` and in
the call's log line; with \`unsupported: 'reject'\` it is refused with 400 instead.

What a parameter becomes on its way (a temperature above a provider's limit, a schema in another notation, reasoning effort
as a budget) stands in [the page on providers](providers.md).
`;
  return `${[head, ...providers.map(section)].join('\n')}\n`
    .replaceAll('\n## ', '\n\n## ')
    .replaceAll('\n\n\n', '\n\n');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/provider-parameters.md', import.meta.url), providerParametersPage());
}
