import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { demoPicture } from '../demo-picture.ts';
import { demoTokens } from '../demo-vectors.ts';
import { firstRefusal } from '../first-refusal.ts';
import type { Refusal, WholeRoute, WireRequest } from '../personality.ts';
import { invalid } from './invalid.ts';

const paths = /^(?:\/openai)?(?:\/v1|\/deployments\/([^/]+))\/images\/generations$/;

/** OpenAI's images, and Together's by the slash in a model's name: https://platform.openai.com/docs/api-reference/images */
export function imagesRoute({ path, json }: WireRequest): WholeRoute | undefined {
  const match = paths.exec(path);
  if (match === null) return undefined;
  const model = match[1] === undefined ? (asString(asObject(json)?.model) ?? '') : decodeURIComponent(match[1]);
  const rules = rulesOf(model);
  return {
    operation: 'images',
    model,
    refuse: (request) => refuse(asObject(request.json) ?? {}, rules),
    answer: (body) => answer(body, rules),
  };
}

interface Rules {
  readonly members: readonly string[];
  readonly pictures: number;
  readonly deliveries: readonly string[];
  /** Words for quality; none where it may not be asked for. */
  readonly qualities: readonly string[];
  /** Whether tokens are counted. */
  readonly counts: boolean;
}

const common = ['model', 'prompt', 'n', 'size', 'user'];
const dallE2: Rules = {
  members: [...common, 'response_format'],
  pictures: 10,
  deliveries: ['url', 'b64_json'],
  qualities: [],
  counts: false,
};
const dallE3: Rules = {
  ...dallE2,
  members: [...dallE2.members, 'quality', 'style'],
  pictures: 1,
  qualities: ['standard', 'hd'],
};
const gptImage: Rules = {
  members: [...common, 'quality', 'background', 'output_format', 'output_compression', 'moderation', 'stream'],
  pictures: 10,
  deliveries: ['b64_json'],
  qualities: ['low', 'medium', 'high', 'auto'],
  counts: true,
};
const together: Rules = {
  members: ['model', 'prompt', 'n', 'width', 'height', 'steps', 'seed', 'response_format', 'output_format'],
  pictures: 4,
  deliveries: ['url', 'base64'],
  qualities: [],
  counts: false,
};

function rulesOf(model: string): Rules {
  if (model.includes('/')) return together;
  if (model.startsWith('dall-e-2')) return dallE2;
  return model.startsWith('dall-e') ? dallE3 : gptImage;
}

function refuse(body: JsonObject, rules: Rules): Refusal | undefined {
  return firstRefusal([
    () => {
      const unknown = Object.keys(body).find((key) => !rules.members.includes(key));
      if (unknown === undefined) return undefined;
      return invalid(`Unknown parameter: '${unknown}'.`, { param: unknown, code: 'unknown_parameter' });
    },
    () =>
      typeof body.prompt === 'string' && body.prompt !== ''
        ? undefined
        : invalid("Invalid 'prompt': empty string.", { param: 'prompt', code: 'empty_string' }),
    () => {
      const count = body.n ?? 1;
      return typeof count === 'number' && count >= 1 && count <= rules.pictures
        ? undefined
        : invalid(`Invalid 'n': expected a value from 1 to ${rules.pictures}.`, { param: 'n' });
    },
    () => refuseWord(body, 'quality', rules.qualities),
    () => refuseWord(body, 'response_format', rules.deliveries),
  ]);
}

function refuseWord(body: JsonObject, param: string, words: readonly string[]): Refusal | undefined {
  const value = body[param];
  if (value === undefined || words.some((word) => word === value)) return undefined;
  const supported = words.map((word) => `'${word}'`).join(', ');
  return invalid(`Invalid value: '${String(value)}'. Supported values are: ${supported}.`, {
    param,
    code: 'invalid_value',
  });
}

function answer(body: JsonObject, { deliveries, counts }: Rules): JsonObject {
  const delivery = body.response_format ?? deliveries[0];
  const count = typeof body.n === 'number' ? body.n : 1;
  const picture: JsonObject =
    delivery === 'url' ? { url: 'https://pictures.example.com/demo.png' } : { b64_json: demoPicture };
  const input = demoTokens(asString(body.prompt) ?? '');
  return {
    created: 1_700_000_000,
    data: Array.from({ length: count }, () => picture),
    ...(counts && {
      output_format: body.output_format ?? 'png',
      usage: {
        input_tokens: input,
        output_tokens: 272 * count,
        total_tokens: input + 272 * count,
        input_tokens_details: { text_tokens: input, image_tokens: 0 },
      },
    }),
  };
}
