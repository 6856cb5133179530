import { asArray, asNumber, asObject, asString, type JsonObject, parseObject } from '../../core/json.ts';
import { asObjects, asStrings } from '../json-lists.ts';
import type { ChatRoute } from '../personality.ts';
import { type Prompt, type PromptFormat, type PromptToolChoice, words } from '../speech/prompt.ts';

export function readPrompt(body: JsonObject, route: ChatRoute): Prompt {
  const messages = asObjects(body.messages);
  const lastTurn = asObjects(messages.findLast((message) => message.role === 'user')?.content);
  const config = asObject(body.toolConfig);
  const specs = asObjects(config?.tools)
    .map((tool) => asObject(tool.toolSpec))
    .filter((spec) => spec !== undefined);
  const inference = asObject(body.inferenceConfig);
  return {
    model: route.model,
    stream: route.stream,
    question: texts(lastTurn),
    toolResults: lastTurn.flatMap(({ toolResult }) => {
      const result = asObject(toolResult);
      return result === undefined ? [] : [resultText(result)];
    }),
    inputTokens: countTokens(body, messages),
    images: lastTurn.filter(({ image }) => image !== undefined).length,
    tools: specs.map((spec) => ({
      name: asString(spec.name) ?? '',
      schema: asObject(asObject(spec.inputSchema)?.json) ?? {},
    })),
    toolChoice: readToolChoice(asObject(config?.toolChoice)),
    parallelToolCalls: true,
    maxTokens: asNumber(inference?.maxTokens),
    stop: asStrings(inference?.stopSequences),
    choiceCount: 1,
    reasoning: thinks(body) ? 'visible' : 'none',
    format: readFormat(body),
  };
}

function texts(blocks: readonly JsonObject[]): string {
  return blocks.map((block) => asString(block.text) ?? '').join('');
}

function resultText({ content }: JsonObject): string {
  return asObjects(content)
    .map((item) => asString(item.text) ?? (item.json === undefined ? '' : JSON.stringify(item.json)))
    .join('');
}

/** Each family of models has its own word for it. */
export function thinks(body: JsonObject): boolean {
  const fields = asObject(body.additionalModelRequestFields);
  const thinking = asObject(fields?.thinking ?? fields?.reasoning_config ?? fields?.reasoningConfig);
  return thinking?.type === 'enabled' || thinking?.type === 'adaptive';
}

function countTokens(body: JsonObject, messages: readonly JsonObject[]): number {
  const inTurns = messages
    .flatMap(({ content }) => asObjects(content))
    .map((block) => asString(block.text) ?? withoutMedia(block));
  const declared = asArray(asObject(body.toolConfig)?.tools).map((tool) => JSON.stringify(tool));
  const said = [texts(asObjects(body.system)), ...inTurns, ...declared];
  return 3 * messages.length + said.reduce((total, text) => total + words(text).length, 0);
}

function withoutMedia(block: JsonObject): string {
  return ['image', 'document', 'video', 'audio'].some((kind) => kind in block) ? '' : JSON.stringify(block);
}

function readToolChoice(choice: JsonObject | undefined): PromptToolChoice {
  const name = asString(asObject(choice?.tool)?.name);
  if (name !== undefined) return { type: 'required', names: [name] };
  return choice?.any === undefined ? { type: 'auto' } : { type: 'required' };
}

function readFormat(body: JsonObject): PromptFormat {
  const structure = asObject(asObject(asObject(body.outputConfig)?.textFormat)?.structure);
  const schema = parseObject(asString(asObject(structure?.jsonSchema)?.schema) ?? '');
  return schema === undefined ? { type: 'text' } : { type: 'schema', schema };
}
