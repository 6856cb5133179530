import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { checkBlock } from './check-blocks.ts';
import { invalid, refuseExtra } from './invalid.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html */
export function checkMessages(body: JsonObject): Refusal | undefined {
  const messages = asObjects(body.messages);
  if (messages.length === 0) {
    return invalid(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  }
  return firstRefusal([
    () => refuseAny(messages, checkMessage),
    () => checkOrder(messages),
    () => checkTools(messages, body),
    () => checkNames(messages),
  ]);
}

function checkMessage(message: JsonObject, index: number): Refusal | undefined {
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    return invalid(
      `1 validation error detected: Value '${asString(role) ?? 'null'}' at 'messages.${index + 1}.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]`,
    );
  }
  if (!Array.isArray(content))
    return invalid(
      `Value at 'messages.${index + 1}.member.content' failed to satisfy constraint: Member must not be null`,
    );
  const blocks = asObjects(content);
  if (blocks.length === 0) {
    return invalid(
      `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`,
    );
  }
  return firstRefusal([
    () => refuseExtra(message, 'role content', `#/messages/${index}`),
    () => refuseAny(blocks, (block, at) => checkBlock(block, `messages.${index}.content.${at}`)),
    () => checkDocuments(blocks, index),
  ]);
}

function checkDocuments(blocks: readonly JsonObject[], index: number): Refusal | undefined {
  const lacks = blocks.some(({ document }) => document !== undefined) && !blocks.some(({ text }) => text !== undefined);
  return lacks
    ? invalid(
        `The model returned the following errors: messages.${index}.content: A text block is required beside a document.`,
      )
    : undefined;
}

/**
 * The user begins, and each turn that calls tools is followed by one with all their results. That neighbours of one role
 * are refused is what the reference says; in fact some models take them, so a call that was answered is not refused here.
 */
function checkOrder(messages: readonly JsonObject[]): Refusal | undefined {
  if (messages.find(({ role }) => role !== 'system')?.role !== 'user') {
    return invalid(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  }
  return refuseAny(messages, (message, index) => {
    const called = idsOf(messages[index - 1], 'toolUse', 'assistant');
    const answered = idsOf(message, 'toolResult', 'user');
    const missing = called.filter((id) => !answered.includes(id));
    if (missing.length > 0) {
      return invalid(
        `Expected toolResult blocks at messages.${index}.content for the following Ids: ${missing.join(', ')}`,
      );
    }
    return answered.every((id) => called.includes(id))
      ? undefined
      : invalid(
          `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`,
        );
  });
}

/** Ids of the caller's tools: what the provider runs answers itself. */
function idsOf(message: JsonObject | undefined, kind: 'toolUse' | 'toolResult', role: string): readonly string[] {
  if (message?.role !== role) return [];
  return asObjects(message.content).flatMap((block) => {
    const content = asObject(block[kind]);
    const own = content?.type === undefined || content.type === 'tool_use';
    return own ? (asString(content?.toolUseId) ?? []) : [];
  });
}

function checkTools(messages: readonly JsonObject[], body: JsonObject): Refusal | undefined {
  const used = messages.some(({ content }) =>
    asObjects(content).some((block) => block.toolUse !== undefined || block.toolResult !== undefined),
  );
  return used && body.toolConfig === undefined
    ? invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.')
    : undefined;
}

function checkNames(messages: readonly JsonObject[]): Refusal | undefined {
  const names = messages.flatMap(({ content }) =>
    asObjects(content).flatMap(({ document }) => asString(asObject(document)?.name) ?? []),
  );
  return new Set(names).size < names.length
    ? invalid('The model returned the following errors: Conversation blocks can not contain duplicate document names.')
    : undefined;
}
