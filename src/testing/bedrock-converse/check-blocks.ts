import { asObject, asString, isJsonObject, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { invalid, refuseExtra } from './invalid.ts';
import { signReasoning } from './signature.ts';

const kinds = new Set(
  'text image document video audio toolUse toolResult guardContent cachePoint reasoningContent citationsContent searchResult toolAddition toolRemoval'.split(
    ' ',
  ),
);

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html */
export function checkBlock(block: JsonObject, where: string): Refusal | undefined {
  const given = Object.keys(block).filter((key) => key !== 'type');
  const [kind = ''] = given;
  if (given.length !== 1 || !kinds.has(kind)) {
    return invalid(`The content block at ${where} must have exactly one of the members of the ContentBlock union.`);
  }
  if (kind === 'text') return checkText(block.text, where);
  const content = asObject(block[kind]) ?? {};
  switch (kind) {
    case 'image':
      return checkMedia(content, { where: `${where}.image`, formats: /^(?:png|jpeg|gif|webp)$/ });
    case 'document':
      return checkDocument(content, `${where}.document`);
    case 'toolUse':
      return checkToolUse(content, `${where}.toolUse`);
    case 'toolResult':
      return checkToolResult(content, `${where}.toolResult`);
    case 'reasoningContent':
      return checkReasoning(content, where);
    default:
      return undefined;
  }
}

function checkText(text: unknown, where: string): Refusal | undefined {
  if (typeof text === 'string' && text.trim() !== '') return undefined;
  return invalid(
    `The text field in the ContentBlock object at ${where} is blank. Add text to the text field, and try again.`,
  );
}

interface MediaRules {
  readonly where: string;
  readonly formats: RegExp;
}

function checkMedia({ format, source }: JsonObject, { where, formats }: MediaRules): Refusal | undefined {
  if (!formats.test(asString(format) ?? '')) {
    return invalid(
      `1 validation error detected: Value '${asString(format) ?? 'null'}' at '${where}.format' failed to satisfy constraint: Member must satisfy enum value set`,
    );
  }
  const { bytes, s3Location } = asObject(source) ?? {};
  if (bytes === undefined)
    return isJsonObject(s3Location) ? undefined : invalid(`The source field at ${where} is empty.`);
  return /^[A-Za-z0-9+/]+={0,2}$/.test(asString(bytes) ?? '')
    ? undefined
    : invalid(`Could not process ${where}: the bytes are no valid base64.`);
}

/** The reference allows no underscores in names, the service does. */
function checkDocument(document: JsonObject, where: string): Refusal | undefined {
  const name = asString(document.name) ?? '';
  if (!/^[a-zA-Z0-9 ()[\]_-]{1,200}$/.test(name) || /\s\s/.test(name)) {
    return invalid(
      'The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can\u2019t contain more than one consecutive whitespace character.',
    );
  }
  const source = asObject(document.source) ?? {};
  if (typeof source.text === 'string' || Array.isArray(source.content)) return undefined;
  return checkMedia(document, { where, formats: /^(?:pdf|csv|doc|docx|xls|xlsx|html|txt|md)$/ });
}

const idPattern = /^[a-zA-Z0-9_-]{1,64}$/;

function checkToolUse(content: JsonObject, where: string): Refusal | undefined {
  return firstRefusal([
    () => checkId(content.toolUseId, where),
    () =>
      idPattern.test(asString(content.name) ?? '')
        ? undefined
        : invalid(
            `Value at '${where}.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
          ),
    () =>
      isJsonObject(content.input)
        ? undefined
        : invalid(
            `The format of the value at ${where}.input is invalid. Provide a json object for the field and try again.`,
          ),
    () => refuseExtra(content, 'toolUseId name input type', `#/${where}`),
  ]);
}

function checkId(id: unknown, where: string): Refusal | undefined {
  if (idPattern.test(asString(id) ?? '')) return undefined;
  return invalid(
    `1 validation error detected: Value '${String(id)}' at '${where}.toolUseId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
  );
}

function checkToolResult(content: JsonObject, where: string): Refusal | undefined {
  return firstRefusal([
    () => checkId(content.toolUseId, where),
    () =>
      Array.isArray(content.content)
        ? undefined
        : invalid(`Value at '${where}.content' failed to satisfy constraint: Member must not be null`),
    () => refuseAny(asObjects(content.content), (item, at) => checkResultItem(item, `${where}.content.${at}`)),
    () => refuseExtra(content, 'toolUseId content status type', `#/${where}`),
  ]);
}

function checkResultItem(item: JsonObject, where: string): Refusal | undefined {
  return 'text' in item ? checkText(item.text, where) : undefined;
}

/** Only what this provider signed is looked at: signatures of others cannot be checked here. */
function checkReasoning({ reasoningText }: JsonObject, where: string): Refusal | undefined {
  const { text, signature } = asObject(reasoningText) ?? {};
  if (reasoningText === undefined || (typeof signature === 'string' && signature !== '')) {
    const own = typeof signature === 'string' && signature.length === signReasoning('').length;
    return own && signature !== signReasoning(asString(text) ?? '')
      ? invalid(`The model returned the following errors: ${where}: Invalid \`signature\` in \`thinking\` block`)
      : undefined;
  }
  return invalid(`The model returned the following errors: ${where}.thinking.signature: Field required`);
}
