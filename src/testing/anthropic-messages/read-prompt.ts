import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, type PromptToolChoice, words } from '../speech/prompt.ts';
import { contentBlocks, contentText } from './content-blocks.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const messages = asObjects(body.messages);
  const lastTurn = contentBlocks(messages.findLast((message) => message.role === 'user')?.content);
  const tools = asObjects(body.tools).filter((tool) => tool.input_schema !== undefined);
  const toolChoice = asObject(body.tool_choice);
  return {
    model: route.model,
    stream: route.stream,
    question: contentText(lastTurn),
    toolResults: ofType(lastTurn, 'tool_result').map((block) => contentText(block.content)),
    inputTokens: countTokens(body, messages),
    images: ofType(lastTurn, 'image').length,
    tools: tools.map((tool) => ({ name: asString(tool.name) ?? '', schema: asObject(tool.input_schema) ?? {} })),
    toolChoice: readToolChoice(toolChoice),
    parallelToolCalls: toolChoice?.disable_parallel_tool_use !== true,
    maxTokens: asNumber(body.max_tokens),
    stop: asStrings(body.stop_sequences),
    choiceCount: 1,
    reasoning: thinks(body) ? 'visible' : 'none',
    format: readFormat(body),
  };
}

function ofType(blocks: readonly JsonObject[], type: string): readonly JsonObject[] {
  return blocks.filter((block) => block.type === type);
}

export function thinks(body: JsonObject): boolean {
  const type = asObject(body.thinking)?.type;
  return type === 'enabled' || type === 'adaptive';
}

function countTokens(body: JsonObject, messages: readonly JsonObject[]): number {
  const blocks = messages.flatMap((message) => contentBlocks(message.content));
  const inTurns = blocks.map((block) => asString(block.text) ?? withoutMedia(block));
  const declared = asObjects(body.tools).map((tool) => JSON.stringify(tool));
  const texts = [contentText(body.system), ...inTurns, ...declared];
  return 3 * messages.length + texts.reduce((total, text) => total + words(text).length, 0);
}

function withoutMedia(block: JsonObject): string {
  return block.type === 'image' || block.type === 'document' ? '' : JSON.stringify(block);
}

function readToolChoice(choice: JsonObject | undefined): PromptToolChoice {
  switch (choice?.type) {
    case 'none':
      return { type: 'none' };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'required', names: [asString(choice.name) ?? ''] };
    default:
      return { type: 'auto' };
  }
}

/** https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs; `output_format` is its name under the beta header. */
function readFormat(body: JsonObject): PromptFormat {
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format);
  const schema = asObject(format?.schema);
  return schema === undefined ? { type: 'text' } : { type: 'schema', schema };
}
