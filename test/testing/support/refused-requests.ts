import type { JsonObject } from '../../../src/core/json.ts';
import type { PlayedDialect } from '../../../src/testing/personality.ts';

/** A mistake in a request, and a piece of what the vendor says to it. */
export interface RefusedRequest {
  readonly mistake: string;
  /** Fields that replace those of a good body; `undefined` takes one away. */
  readonly fields: Readonly<Record<string, JsonObject[string]>>;
  readonly says: string;
  readonly model?: string;
}

const user = { role: 'user', content: 'hi' };
const openaiTool = (name: string, more: JsonObject = {}): JsonObject => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { a: { type: 'string' } } }, ...more },
});
const openaiCall = (id: string, args: JsonObject[string] = '{}'): JsonObject => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: args } }],
});

const openai: readonly RefusedRequest[] = [
  { mistake: 'no model', fields: { model: undefined }, says: 'you must provide a model parameter' },
  { mistake: 'no messages', fields: { messages: undefined }, says: "Missing required parameter: 'messages'." },
  { mistake: 'empty messages', fields: { messages: [] }, says: "Invalid 'messages': empty array." },
  { mistake: 'an unknown field', fields: { top_k: 3 }, says: "Unknown parameter: 'top_k'." },
  {
    mistake: 'a temperature above 2',
    fields: { temperature: 2.1 },
    says: "Invalid 'temperature': decimal above maximum value.",
  },
  { mistake: 'a top_p below 0', fields: { top_p: -0.1 }, says: "Invalid 'top_p': decimal below minimum value." },
  { mistake: 'max_tokens 0', fields: { max_tokens: 0 }, says: "Invalid 'max_tokens': integer below minimum value." },
  { mistake: 'a fraction as n', fields: { n: 1.5 }, says: "Invalid type for 'n': expected an integer" },
  {
    mistake: 'both limits',
    fields: { max_tokens: 5, max_completion_tokens: 5 },
    says: 'at the same time is not supported',
  },
  {
    mistake: 'stream_options without stream',
    fields: { stream_options: { include_usage: true } },
    says: "only allowed when 'stream' is enabled",
  },
  {
    mistake: 'five stop sequences',
    fields: { stop: ['a', 'b', 'c', 'd', 'e'] },
    says: "Invalid 'stop': array too long.",
  },
  { mistake: 'top_logprobs alone', fields: { top_logprobs: 2 }, says: "'logprobs' must be set to true" },
  {
    mistake: 'max_tokens to a reasoning model',
    model: 'gpt-5-mini',
    fields: { max_tokens: 5 },
    says: "Use 'max_completion_tokens' instead.",
  },
  {
    mistake: 'a temperature to a reasoning model',
    model: 'o3',
    fields: { temperature: 0.5 },
    says: "'temperature' does not support 0.5",
  },
  {
    mistake: 'an unknown role',
    fields: { messages: [{ role: 'model', content: 'hi' }] },
    says: "Invalid value: 'model'. Supported values are",
  },
  {
    mistake: 'null content',
    fields: { messages: [{ role: 'user', content: null }] },
    says: 'expected a string, got null',
  },
  {
    mistake: 'a foreign content part',
    fields: { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] },
    says: "Invalid value: 'image'.",
  },
  {
    mistake: 'an image that is no URL',
    fields: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'AAAA' } }] }] },
    says: 'Expected a valid URL',
  },
  {
    mistake: 'a data URL of no image',
    fields: {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:text/plain;base64,AAAA' } }] }],
    },
    says: 'unsupported image',
  },
  {
    mistake: 'a tool result out of nowhere',
    fields: { messages: [user, { role: 'tool', tool_call_id: 'a', content: 'x' }] },
    says: "must be a response to a preceeding message with 'tool_calls'",
  },
  {
    mistake: 'an unanswered tool call',
    fields: { messages: [user, openaiCall('call_1'), user] },
    says: 'did not have response messages: call_1',
  },
  {
    mistake: 'an unanswered tool call at the end',
    fields: { messages: [user, openaiCall('call_1')] },
    says: 'did not have response messages: call_1',
  },
  {
    mistake: 'a tool call id over 40 characters',
    fields: {
      messages: [user, openaiCall('c'.repeat(41)), { role: 'tool', tool_call_id: 'c'.repeat(41), content: '' }],
    },
    says: 'Expected a string with maximum length 40',
  },
  {
    mistake: 'arguments as an object',
    fields: { messages: [user, openaiCall('c', {}), { role: 'tool', tool_call_id: 'c', content: '' }] },
    says: "function.arguments': expected a string",
  },
  { mistake: 'no tools in tools', fields: { tools: [] }, says: "Invalid 'tools': empty array." },
  {
    mistake: 'tool_choice without tools',
    fields: { tool_choice: 'auto' },
    says: "'tool_choice' is only allowed when 'tools' are specified",
  },
  {
    mistake: 'parallel_tool_calls without tools',
    fields: { parallel_tool_calls: false },
    says: "'parallel_tool_calls' is only allowed when 'tools' are specified",
  },
  { mistake: 'a tool name with a dot', fields: { tools: [openaiTool('a.b')] }, says: 'string does not match pattern' },
  {
    mistake: 'a tool with foreign parameters',
    fields: { tools: [openaiTool('f', { parameters: { type: 'OBJECT' } })] },
    says: "Invalid schema for function 'f'",
  },
  {
    mistake: 'a strict tool with an open object',
    fields: { tools: [openaiTool('f', { strict: true })] },
    says: "'additionalProperties' is required to be supplied and to be false",
  },
  {
    mistake: 'a choice of a tool that is not there',
    fields: { tools: [openaiTool('f')], tool_choice: { type: 'function', function: { name: 'g' } } },
    says: "Tool choice 'g' not found",
  },
  {
    mistake: 'json_object without the word',
    fields: { response_format: { type: 'json_object' } },
    says: "must contain the word 'json'",
  },
  {
    mistake: 'a strict schema that does not require all',
    fields: {
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 's',
          strict: true,
          schema: { type: 'object', properties: { a: {} }, required: [], additionalProperties: false },
        },
      },
    },
    says: "Missing 'a'.",
  },
];

const openaiMore: readonly RefusedRequest[] = [
  {
    mistake: 'content as an object',
    fields: { messages: [{ role: 'user', content: {} }] },
    says: 'expected one of a string or array of objects',
  },
  {
    mistake: 'a text part without text',
    fields: { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
    says: "Missing required parameter: 'messages[0].content[0].text'.",
  },
  {
    mistake: 'a tool call without id',
    fields: {
      messages: [
        user,
        { role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f', arguments: '' } }] },
      ],
    },
    says: "tool_calls[0].id'.",
  },
  {
    mistake: 'a tool call without type',
    fields: { messages: [user, { role: 'assistant', tool_calls: [{ id: 'c' }] }] },
    says: "tool_calls[0].type'.",
  },
  {
    mistake: 'a tool of a foreign type',
    fields: { tools: [{ name: 'f', input_schema: {} }] },
    says: "Supported values are: 'function' and 'custom'.",
  },
  {
    mistake: 'a tool without name',
    fields: { tools: [{ type: 'function', function: {} }] },
    says: "Missing required parameter: 'tools[0].function.name'.",
  },
  {
    mistake: 'a foreign word as tool_choice',
    fields: { tools: [openaiTool('f')], tool_choice: 'any' },
    says: "Supported values are: 'none', 'auto', and 'required'.",
  },
  {
    mistake: 'a foreign response format',
    fields: { response_format: { type: 'json' } },
    says: "Supported values are: 'text', 'json_object', and 'json_schema'.",
  },
  {
    mistake: 'a schema without name',
    fields: { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    says: "Missing required parameter: 'response_format.json_schema.name'.",
  },
];

const claudeCall = (id = 'toolu_1'): JsonObject => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name: 'f', input: {} }],
});
const claudeTool = (more: JsonObject = {}): JsonObject => ({ name: 'f', input_schema: { type: 'object' }, ...more });
const thinking = { type: 'enabled', budget_tokens: 1024 };

const anthropic: readonly RefusedRequest[] = [
  { mistake: 'no max_tokens', fields: { max_tokens: undefined }, says: 'max_tokens: Field required' },
  { mistake: 'no model', fields: { model: undefined }, says: 'model: Field required' },
  { mistake: 'empty messages', fields: { messages: [] }, says: 'messages: at least one message is required' },
  { mistake: 'an unknown field', fields: { n: 1 }, says: 'n: Extra inputs are not permitted' },
  {
    mistake: 'an unknown field of a message',
    fields: { messages: [{ ...user, name: 'ana' }] },
    says: 'messages.0.name: Extra inputs are not permitted',
  },
  {
    mistake: 'an unknown field of a block',
    fields: { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', annotations: [] }] }] },
    says: 'messages.0.content.0.annotations: Extra inputs are not permitted',
  },
  {
    mistake: 'an unknown field of a tool',
    fields: { tools: [claudeTool({ parameters: {} })] },
    says: 'tools.0.custom.parameters: Extra inputs are not permitted',
  },
  { mistake: 'a temperature above 1', fields: { temperature: 1.1 }, says: 'temperature: range: 0..1' },
  {
    mistake: 'max_tokens 0',
    fields: { max_tokens: 0 },
    says: 'max_tokens: Input should be greater than or equal to 1',
  },
  {
    mistake: 'a blank stop sequence',
    fields: { stop_sequences: [' '] },
    says: 'each stop sequence must contain non-whitespace',
  },
  {
    mistake: 'a system message',
    fields: { messages: [{ role: 'system', content: 'x' }, user] },
    says: 'Unexpected role \\"system\\"',
  },
  {
    mistake: 'an assistant that begins',
    fields: { messages: [{ role: 'assistant', content: 'x' }, user] },
    says: 'first message must use the \\"user\\" role',
  },
  {
    mistake: 'empty content',
    fields: { messages: [{ role: 'user', content: '' }] },
    says: 'all messages must have non-empty content',
  },
  {
    mistake: 'an empty text block',
    fields: { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    says: 'text content blocks must be non-empty',
  },
  {
    mistake: 'a blank text block',
    fields: { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] },
    says: 'text content blocks must contain non-whitespace text',
  },
  {
    mistake: 'a prefill with trailing space',
    fields: { messages: [user, { role: 'assistant', content: 'so ' }] },
    says: 'cannot end with trailing whitespace',
  },
  {
    mistake: 'an unanswered tool call',
    fields: { messages: [user, claudeCall(), user] },
    says: 'ids were found without `tool_result` blocks immediately after: toolu_1',
  },
  {
    mistake: 'text before the tool result',
    fields: {
      messages: [
        user,
        claudeCall(),
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'tool_result', tool_use_id: 'toolu_1' },
          ],
        },
      ],
    },
    says: 'without `tool_result` blocks immediately after',
  },
  {
    mistake: 'a tool result out of nowhere',
    fields: { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_9' }] }] },
    says: 'unexpected `tool_use_id` found in `tool_result` blocks: toolu_9',
  },
  {
    mistake: 'a tool id with a colon',
    fields: {
      messages: [
        user,
        claudeCall('functions.f:0'),
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions.f:0' }] },
      ],
    },
    says: "String should match pattern '^[a-zA-Z0-9_-]+$'",
  },
  {
    mistake: 'arguments as text',
    fields: {
      messages: [user, { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: '{}' }] }],
    },
    says: 'tool_use.input: Input should be a valid dictionary',
  },
  {
    mistake: 'an image of a foreign type',
    fields: {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/jpg', data: 'AAAA' } }],
        },
      ],
    },
    says: "Input should be 'image/jpeg'",
  },
  {
    mistake: 'an image that is no base64',
    fields: {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'data:image/png;base64,AA' } },
          ],
        },
      ],
    },
    says: 'Invalid base64 data',
  },
  {
    mistake: 'a tool without schema',
    fields: { tools: [{ name: 'f' }] },
    says: 'tools.0.custom.input_schema: Field required',
  },
  {
    mistake: 'a tool schema without type',
    fields: { tools: [claudeTool({ input_schema: {} })] },
    says: 'input_schema.type: Field required',
  },
  {
    mistake: 'two tools of one name',
    fields: { tools: [claudeTool(), claudeTool()] },
    says: 'Tool names must be unique',
  },
  {
    mistake: 'tool_choice without tools',
    fields: { tool_choice: { type: 'auto' } },
    says: 'may only be specified while providing tools',
  },
  {
    mistake: "OpenAI's tool_choice",
    fields: { tools: [claudeTool()], tool_choice: { type: 'function' } },
    says: "Input tag 'function'",
  },
  {
    mistake: 'a choice of a tool that is not there',
    fields: { tools: [claudeTool()], tool_choice: { type: 'tool', name: 'g' } },
    says: "Tool 'g' not found",
  },
  {
    mistake: 'a small thinking budget',
    fields: { thinking: { ...thinking, budget_tokens: 10 } },
    says: 'greater than or equal to 1024',
  },
  {
    mistake: 'a thinking budget above the limit',
    fields: { thinking, max_tokens: 1024 },
    says: '`max_tokens` must be greater than `thinking.budget_tokens`',
  },
  {
    mistake: 'thinking with a temperature',
    fields: { thinking, temperature: 0.2 },
    says: '`temperature` may only be set to 1',
  },
  {
    mistake: 'thinking with a forced tool',
    fields: { thinking, tools: [claudeTool()], tool_choice: { type: 'any' } },
    says: 'may not be enabled when tool_choice forces tool use',
  },
  {
    mistake: 'a tool turn without its thinking',
    fields: {
      thinking,
      tools: [claudeTool()],
      messages: [user, claudeCall(), { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] }],
    },
    says: 'Expected `thinking` or `redacted_thinking`, but found `tool_use`',
  },
];

const anthropicMore: readonly RefusedRequest[] = [
  {
    mistake: 'a fraction as max_tokens',
    fields: { max_tokens: 1.5 },
    says: 'max_tokens: Input should be a valid integer',
  },
  {
    mistake: 'a message without content',
    fields: { messages: [{ role: 'user' }] },
    says: 'messages.0.content: Field required',
  },
  {
    mistake: 'a block without type',
    fields: { messages: [{ role: 'user', content: [{ text: 'a' }] }] },
    says: 'messages.0.content.0.type: Field required',
  },
  {
    mistake: 'an unknown image source',
    fields: { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'data' } }] }] },
    says: "Input tag 'data'",
  },
  {
    mistake: 'a tool result of a number',
    fields: {
      messages: [
        user,
        claudeCall(),
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 1 }] },
      ],
    },
    says: 'tool_result.content: Input should be a valid list',
  },
  {
    mistake: 'a tool name with a space',
    fields: { tools: [claudeTool({ name: 'a b' })] },
    says: "name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
  },
  {
    mistake: 'a tool schema that is a list',
    fields: { tools: [claudeTool({ input_schema: { type: 'array' } })] },
    says: "input_schema.type: Input should be 'object'",
  },
  {
    mistake: 'an image in the system prompt',
    fields: { system: [{ type: 'image', source: {} }] },
    says: "system.0.type: Input should be 'text'",
  },
  {
    mistake: 'thinking without a budget',
    fields: { thinking: { type: 'enabled' } },
    says: 'budget_tokens: Field required',
  },
];

const part = { text: 'hi' };
const asked = { role: 'user', parts: [part] };
const called = { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] };
const result = { functionResponse: { name: 'f', response: { result: 'x' } } };
const geminiTool = (more: JsonObject = {}): JsonObject => ({ functionDeclarations: [{ name: 'f', ...more }] });

const gemini: readonly RefusedRequest[] = [
  { mistake: 'no contents', fields: { contents: undefined }, says: 'contents is not specified' },
  {
    mistake: 'an unknown field',
    fields: { stream_options: {} },
    says: 'Unknown name \\"stream_options\\": Cannot find field.',
  },
  {
    mistake: 'an unknown field of the configuration',
    fields: { generationConfig: { maxTokens: 5 } },
    says: 'Unknown name \\"maxTokens\\" at \'generation_config\': Cannot find field.',
  },
  {
    mistake: 'an assistant role',
    fields: { contents: [{ role: 'assistant', parts: [part] }] },
    says: 'Please use a valid role: user, model.',
  },
  {
    mistake: 'no parts',
    fields: { contents: [{ role: 'user', parts: [] }] },
    says: 'contents.parts must not be empty',
  },
  {
    mistake: 'a part of nothing',
    fields: { contents: [{ role: 'user', parts: [{}] }] },
    says: "required oneof field 'data' must have one initialized field",
  },
  {
    mistake: 'an unknown field of a part',
    fields: { contents: [{ role: 'user', parts: [{ ...part, type: 'text' }] }] },
    says: 'Unknown name \\"type\\" at \'contents[0].parts[0]\'',
  },
  {
    mistake: 'a temperature above 2',
    fields: { generationConfig: { temperature: 2.5 } },
    says: 'temperature must be in the range [0, 2]',
  },
  {
    mistake: 'six stop sequences',
    fields: { generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] } },
    says: 'at most 5 stop sequences',
  },
  {
    mistake: 'two ways to bound thinking',
    fields: { generationConfig: { thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'low' } } },
    says: 'only one of thinking budget and thinking level',
  },
  {
    mistake: 'a model that begins with a call',
    fields: { contents: [called, { role: 'user', parts: [result] }] },
    says: 'function call turn comes immediately after a user turn',
  },
  {
    mistake: 'a result out of nowhere',
    fields: { contents: [{ role: 'user', parts: [result] }] },
    says: 'function response turn comes immediately after a function call turn',
  },
  {
    mistake: 'too few results',
    fields: {
      contents: [
        asked,
        { role: 'model', parts: [...called.parts, ...called.parts] },
        { role: 'user', parts: [result] },
      ],
    },
    says: 'number of function response parts is equal',
  },
  {
    mistake: 'a result without name',
    fields: { contents: [asked, called, { role: 'user', parts: [{ functionResponse: { response: {} } }] }] },
    says: 'function_response.name: Name cannot be empty',
  },
  {
    mistake: 'a result as text',
    fields: {
      contents: [asked, called, { role: 'user', parts: [{ functionResponse: { name: 'f', response: 'x' } }] }],
    },
    says: 'google.protobuf.Struct',
  },
  {
    mistake: 'arguments as text',
    fields: { contents: [asked, { role: 'model', parts: [{ functionCall: { name: 'f', args: '{}' } }] }] },
    says: 'function_call.args',
  },
  {
    mistake: 'an image without type',
    fields: { contents: [{ role: 'user', parts: [{ inlineData: { data: 'AAAA' } }] }] },
    says: 'mime type must be specified',
  },
  {
    mistake: 'an image that is no base64',
    fields: { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'data:x,y' } }] }] },
    says: 'Base64 decoding failed',
  },
  {
    mistake: 'a function name with a colon',
    fields: { tools: [{ functionDeclarations: [{ name: 'a:b' }] }] },
    says: 'Invalid function name.',
  },
  {
    mistake: 'additionalProperties',
    fields: { tools: [geminiTool({ parameters: { type: 'object', additionalProperties: false } })] },
    says: 'Unknown name \\"additionalProperties\\" at \'tools[0].function_declarations[0].parameters\'',
  },
  {
    mistake: 'a list of types',
    fields: {
      tools: [geminiTool({ parameters: { type: 'object', properties: { a: { type: ['string', 'null'] } } } })],
    },
    says: 'Proto field is not repeating, cannot start list.',
  },
  {
    mistake: '$ref below items',
    fields: { tools: [geminiTool({ parameters: { type: 'array', items: { $ref: '#/x' } } })] },
    says: 'Unknown name \\"$ref\\" at \'tools[0].function_declarations[0].parameters.items\'',
  },
  {
    mistake: 'two forms of parameters',
    fields: { tools: [geminiTool({ parameters: { type: 'object' }, parametersJsonSchema: {} })] },
    says: 'only one of parameters and parameters_json_schema',
  },
  {
    mistake: 'an unknown field of a function',
    fields: { tools: [geminiTool({ strict: true })] },
    says: 'Unknown name \\"strict\\"',
  },
  {
    mistake: 'a mode without functions',
    fields: { toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
    says: 'without function_declarations',
  },
  {
    mistake: 'allowed names in AUTO mode',
    fields: {
      tools: [geminiTool()],
      toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['f'] } },
    },
    says: 'only be set when the function calling mode is ANY',
  },
  {
    mistake: 'functions beside a JSON answer',
    fields: { tools: [geminiTool()], generationConfig: { responseMimeType: 'application/json' } },
    says: "response mime type: 'application/json' is unsupported",
  },
  {
    mistake: 'a schema without the JSON type',
    fields: { generationConfig: { responseSchema: { type: 'object' } } },
    says: 'only supported with a response mime type',
  },
];

const geminiMore: readonly RefusedRequest[] = [
  {
    mistake: 'a system instruction without text',
    fields: { systemInstruction: { parts: [{ inlineData: {} }] } },
    says: 'system_instruction.parts[0].data',
  },
  {
    mistake: 'a temperature as text',
    fields: { generationConfig: { temperature: 'hot' } },
    says: "Invalid value at 'generation_config.temperature'",
  },
  {
    mistake: 'a type that is none',
    fields: { tools: [geminiTool({ parameters: { type: 'any' } })] },
    says: "Invalid value at 'tools[0].function_declarations[0].parameters.type'",
  },
  {
    mistake: 'a mode that is none',
    fields: { tools: [geminiTool()], toolConfig: { functionCallingConfig: { mode: 'REQUIRED' } } },
    says: 'function_calling_config.mode',
  },
  {
    mistake: 'a call without name',
    fields: { contents: [asked, { role: 'model', parts: [{ functionCall: {} }] }] },
    says: 'function_call.name: Name cannot be empty',
  },
];

const ollama: readonly RefusedRequest[] = [
  { mistake: 'no model', fields: { model: undefined }, says: 'model is required' },
  { mistake: 'messages that are no array', fields: { messages: {} }, says: 'ChatRequest.messages' },
  {
    mistake: 'content that is a list',
    fields: { messages: [{ role: 'user', content: [] }] },
    says: 'cannot unmarshal array into Go struct field ChatRequest.messages.content of type string',
  },
  {
    mistake: 'an image as a data URL',
    fields: { messages: [{ ...user, images: ['data:image/png;base64,iVBORw0KGgo='] }] },
    says: 'illegal base64 data at input byte 4',
  },
  {
    mistake: 'arguments as text',
    fields: { messages: [openaiCall('call_1')] },
    says: 'cannot unmarshal string into Go struct field ToolCallFunction.messages.tool_calls.function.arguments',
  },
  { mistake: 'a tool without a function', fields: { tools: [{ name: 'f' }] }, says: 'ChatRequest.tools.function' },
  { mistake: 'tools that are no array', fields: { tools: {} }, says: 'ChatRequest.tools' },
  {
    mistake: 'a schema that is a list',
    fields: { tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] },
    says: 'ChatRequest.tools.function.parameters',
  },
  { mistake: 'a format that is none', fields: { format: 'xml' }, says: 'expected \\"json\\" or a JSON schema' },
  { mistake: 'a level of thinking that is none', fields: { think: 'minimal' }, says: 'invalid think value' },
  { mistake: 'options that are a list', fields: { options: [] }, says: 'ChatRequest.options' },
  {
    mistake: 'a temperature that is a word',
    fields: { options: { temperature: 'hot' } },
    says: 'must be of type float32',
  },
  { mistake: 'one stop sequence alone', fields: { options: { stop: 'END' } }, says: 'must be of type array' },
  { mistake: 'too many log probabilities', fields: { top_logprobs: 21 }, says: 'must be between 0 and 20' },
];

const cohereTool: JsonObject = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } };
const cohereTurn: JsonObject = {
  role: 'assistant',
  tool_calls: [{ id: 'f_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
};

const cohere: readonly RefusedRequest[] = [
  { mistake: 'no model', fields: { model: undefined }, says: 'model is required' },
  { mistake: 'no messages', fields: { messages: [] }, says: 'messages must not be empty' },
  {
    mistake: 'an unknown field',
    fields: { top_p: 0.5 },
    says: "unknown field: parameter 'top_p' is not a valid field",
  },
  { mistake: 'a temperature above 1', fields: { temperature: 1.5 }, says: 'temperature must be between 0 and 1' },
  { mistake: 'a p of 1', fields: { p: 1 }, says: 'p must be between 0.01 and 0.99' },
  { mistake: 'a seed below 0', fields: { seed: -1 }, says: 'seed must be between 0' },
  { mistake: 'a negative penalty', fields: { presence_penalty: -1 }, says: 'presence_penalty must be between 0 and 1' },
  { mistake: 'a number as text', fields: { k: 'many' }, says: 'k must be a number' },
  {
    mistake: 'six stop sequences',
    fields: { stop_sequences: ['a', 'b', 'c', 'd', 'e', 'f'] },
    says: 'stop_sequences must have at most 5',
  },
  { mistake: 'a developer', fields: { messages: [{ role: 'developer', content: 'x' }, user] }, says: 'Invalid role' },
  {
    mistake: 'a name on a message',
    fields: { messages: [{ ...user, name: 'ana' }] },
    says: "parameter 'name' is not a valid field",
  },
  {
    mistake: 'a late system turn',
    fields: { messages: [user, { role: 'system', content: 'x' }] },
    says: 'system turn must be the first in the list',
  },
  {
    mistake: 'instructions alone',
    fields: { messages: [{ role: 'system', content: 'x' }] },
    says: 'message must be at least 1 token long',
  },
  {
    mistake: 'an empty turn',
    fields: { messages: [{ role: 'user', content: '' }] },
    says: 'must not be empty in a turn',
  },
  {
    mistake: 'an image in a result',
    fields: {
      messages: [
        user,
        cohereTurn,
        { role: 'tool', tool_call_id: 'f_1', content: [{ type: 'image_url', image_url: {} }] },
      ],
    },
    says: "content type 'image_url' is not supported",
  },
  {
    mistake: 'an image that is no URL',
    fields: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'AAAA' } }] }] },
    says: 'image_url.url must be a URL',
  },
  {
    mistake: 'a call without a result',
    fields: { messages: [user, cohereTurn, user] },
    says: 'all tool calls need a result',
  },
  {
    mistake: 'a result out of nowhere',
    fields: { messages: [user, { role: 'tool', tool_call_id: 'f_1', content: 'x' }] },
    says: "tool_call_id 'f_1' does not match",
  },
  {
    mistake: 'arguments as an object',
    fields: {
      messages: [
        user,
        { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: {} } }] },
      ],
    },
    says: 'tool call arguments must be a JSON string',
  },
  {
    mistake: 'a tool without parameters',
    fields: { tools: [{ type: 'function', function: { name: 'f' } }] },
    says: 'tool parameters must be a JSON schema',
  },
  {
    mistake: "OpenAI's tool choice",
    fields: { tools: [cohereTool], tool_choice: 'auto' },
    says: 'tool_choice must be one of REQUIRED, NONE',
  },
  {
    mistake: 'a forced call without tools',
    fields: { tool_choice: 'REQUIRED' },
    says: 'tool_choice REQUIRED needs tools',
  },
  {
    mistake: "OpenAI's schema",
    fields: { response_format: { type: 'json_schema', json_schema: {} } },
    says: 'response_format.type must be one of',
  },
  {
    mistake: 'JSON beside documents',
    fields: { response_format: { type: 'json_object' }, documents: ['a'] },
    says: 'response_format is not supported with RAG.',
  },
  {
    mistake: 'JSON beside tools',
    fields: { response_format: { type: 'json_object' }, tools: [cohereTool] },
    says: 'response_format is not supported with tools.',
  },
  {
    mistake: 'adaptive thinking',
    fields: { thinking: { type: 'adaptive' } },
    says: 'thinking.type must be one of enabled, disabled',
  },
];

const responsesTool = (more: JsonObject = {}): JsonObject => ({
  type: 'function',
  name: 'f',
  parameters: { type: 'object', properties: { a: { type: 'string' } } },
  ...more,
});
const responsesCall = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
const responsesOutput = { type: 'function_call_output', call_id: 'call_1', output: 'x' };

const responses: readonly RefusedRequest[] = [
  { mistake: 'no model', fields: { model: undefined }, says: "Missing required parameter: 'model'." },
  { mistake: 'no input', fields: { input: undefined }, says: "Missing required parameter: 'input'." },
  { mistake: 'the messages of chat completions', fields: { messages: [user] }, says: "Unknown parameter: 'messages'." },
  { mistake: 'a temperature above 2', fields: { temperature: 2.1 }, says: 'decimal above maximum value' },
  { mistake: 'a limit below 16', fields: { max_output_tokens: 15 }, says: 'Expected a value >= 16, but got 15' },
  {
    mistake: 'a temperature to a reasoning model',
    model: 'o3',
    fields: { temperature: 0.5 },
    says: "'temperature' is not supported with this model",
  },
  {
    mistake: 'an effort to a model that does not reason',
    model: 'gpt-4o',
    fields: { reasoning: { effort: 'low' } },
    says: "'reasoning.effort' is not supported with this model",
  },
  {
    mistake: 'encrypted reasoning of a model that does not reason',
    model: 'gpt-4o',
    fields: { include: ['reasoning.encrypted_content'] },
    says: 'Encrypted content is not supported with this model.',
  },
  { mistake: 'an unknown inclusion', fields: { include: ['usage'] }, says: "Invalid value: 'usage'." },
  {
    mistake: 'an id of another kind',
    fields: { previous_response_id: 'chatcmpl-1' },
    says: "Expected an ID that begins with 'resp'.",
  },
  { mistake: 'an unknown role', fields: { input: [{ role: 'tool', content: '' }] }, says: "Invalid value: 'tool'." },
  {
    mistake: 'a part of chat completions',
    fields: { input: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
    says: "Supported values are: 'input_text', 'input_image', 'input_file'.",
  },
  {
    mistake: 'what a user says in the mouth of the model',
    fields: { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'hi' }] }] },
    says: "Supported values are: 'output_text', 'refusal'.",
  },
  {
    mistake: 'an image that is no URL',
    fields: { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'AAAA' }] }] },
    says: 'Expected a valid URL',
  },
  {
    mistake: 'a file without a name',
    fields: {
      input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'data:application/pdf;base64,AAAA' }] }],
    },
    says: "Missing required parameter: 'input[0].content[0].filename'.",
  },
  {
    mistake: 'bytes that are no data URL',
    fields: { input: [{ role: 'user', content: [{ type: 'input_file', filename: 'a.pdf', file_data: 'AAAA' }] }] },
    says: 'Invalid file data',
  },
  {
    mistake: 'an unanswered call',
    fields: { input: [user, responsesCall] },
    says: 'No tool output found for function call',
  },
  { mistake: 'an output out of nowhere', fields: { input: [user, responsesOutput] }, says: 'No tool call found' },
  {
    mistake: 'arguments as an object',
    fields: { input: [user, { ...responsesCall, arguments: {} }, responsesOutput] },
    says: "Invalid type for 'input[1].arguments': expected a string",
  },
  {
    mistake: 'a call id over 64 characters',
    fields: { input: [user, { ...responsesCall, call_id: 'c'.repeat(65) }] },
    says: 'Expected a string with maximum length 64',
  },
  {
    mistake: 'reasoning that leads to nothing',
    fields: { input: [user, { type: 'reasoning', id: 'rs_1', summary: [] }] },
    says: 'without its required following item',
  },
  {
    mistake: 'encrypted reasoning of somebody else',
    fields: {
      input: [
        user,
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
        responsesCall,
        responsesOutput,
      ],
    },
    says: 'could not be verified',
  },
  {
    mistake: 'the tool of chat completions',
    fields: { tools: [{ type: 'function', function: { name: 'f' } }] },
    says: "Missing required parameter: 'tools[0].name'.",
  },
  {
    mistake: 'a strict tool that leaves a property out',
    fields: { tools: [responsesTool({ strict: true })] },
    says: "Invalid schema for function 'f'",
  },
  {
    mistake: 'an unknown choice',
    fields: { tools: [responsesTool()], tool_choice: 'any' },
    says: "Invalid value: 'any'.",
  },
  {
    mistake: 'a choice nobody declared',
    fields: { tools: [responsesTool()], tool_choice: { type: 'function', name: 'g' } },
    says: "Tool choice 'g' not found",
  },
  {
    mistake: 'JSON without the word',
    fields: { text: { format: { type: 'json_object' } } },
    says: "must contain the word 'json'",
  },
  {
    mistake: 'a schema without a name',
    fields: { text: { format: { type: 'json_schema', schema: {} } } },
    says: "Missing required parameter: 'text.format.name'.",
  },
  {
    mistake: 'a strict schema that is not closed',
    fields: {
      text: { format: { type: 'json_schema', name: 'a', strict: true, schema: { type: 'object', properties: {} } } },
    },
    says: "'additionalProperties' is required to be supplied",
  },
];

const bedrockUser: JsonObject = { role: 'user', content: [{ text: 'hi' }] };
const bedrockCall = (more: JsonObject = {}): JsonObject => ({
  role: 'assistant',
  content: [{ toolUse: { toolUseId: 'tooluse_1', name: 'f', input: {}, ...more } }],
});
const bedrockResult = (more: JsonObject = {}): JsonObject => ({
  role: 'user',
  content: [{ toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'x' }], ...more } }],
});
const bedrockTool = (more: JsonObject = {}): JsonObject => ({
  toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } }, ...more },
});
const bedrockTools: JsonObject = { tools: [bedrockTool()] };
const bedrockThinking = (more: JsonObject = {}): JsonObject => ({
  thinking: { type: 'enabled', budget_tokens: 1024, ...more },
});

function bedrockBlock(block: JsonObject): JsonObject {
  return { messages: [{ role: 'user', content: [block] }] };
}

const bedrock: readonly RefusedRequest[] = [
  { mistake: 'no messages', fields: { messages: undefined }, says: 'must start with a user message' },
  { mistake: 'an unknown field', fields: { max_tokens: 5 }, says: 'extraneous key [max_tokens] is not permitted' },
  {
    mistake: 'an unknown field of the configuration',
    fields: { inferenceConfig: { topK: 5 } },
    says: 'extraneous key [topK] is not permitted',
  },
  {
    mistake: 'a temperature above 1',
    fields: { inferenceConfig: { temperature: 1.5 } },
    says: 'Member must have value less than or equal to 1',
  },
  {
    mistake: 'a bound of 0',
    fields: { inferenceConfig: { maxTokens: 0 } },
    says: 'Member must have value greater than or equal to 1',
  },
  {
    mistake: 'a fraction as bound',
    fields: { inferenceConfig: { maxTokens: 1.5 } },
    says: 'can not be converted to an Integer',
  },
  { mistake: 'a temperature as text', fields: { inferenceConfig: { temperature: 'hot' } }, says: 'is no number' },
  {
    mistake: 'a blank stop sequence',
    fields: { inferenceConfig: { stopSequences: [' '] } },
    says: 'each stop sequence must contain non-whitespace',
  },
  { mistake: 'a system prompt as text', fields: { system: 'x' }, says: 'Expected the system field to be a list' },
  { mistake: 'a blank system prompt', fields: { system: [{ text: ' ' }] }, says: 'at system.0 is blank' },
  {
    mistake: 'a tool role',
    fields: { messages: [{ role: 'tool', content: [{ text: 'x' }] }] },
    says: 'Member must satisfy enum value set: [user, assistant]',
  },
  {
    mistake: 'content as text',
    fields: { messages: [{ role: 'user', content: 'x' }] },
    says: 'Member must not be null',
  },
  { mistake: 'no content', fields: { messages: [{ role: 'user', content: [] }] }, says: 'at messages.0 is empty' },
  {
    mistake: 'an assistant that begins',
    fields: { messages: [{ role: 'assistant', content: [{ text: 'x' }] }] },
    says: 'must start with a user message',
  },
  {
    mistake: 'an unknown field of a message',
    fields: { messages: [{ ...bedrockUser, name: 'ana' }] },
    says: 'extraneous key [name] is not permitted',
  },
  { mistake: 'a foreign block', fields: bedrockBlock({ type: 'text' }), says: 'exactly one of the members' },
  { mistake: 'two blocks in one', fields: bedrockBlock({ text: 'x', image: {} }), says: 'exactly one of the members' },
  { mistake: 'a blank text', fields: bedrockBlock({ text: ' ' }), says: 'at messages.0.content.0 is blank' },
  {
    mistake: 'an image called jpg',
    fields: bedrockBlock({ image: { format: 'jpg', source: { bytes: 'AAAA' } } }),
    says: "Value 'jpg' at 'messages.0.content.0.image.format'",
  },
  {
    mistake: 'an image by its URL',
    fields: bedrockBlock({ image: { format: 'png', source: { url: 'https://example.com/a.png' } } }),
    says: 'The source field at messages.0.content.0.image is empty',
  },
  {
    mistake: 'an image that is no base64',
    fields: bedrockBlock({ image: { format: 'png', source: { bytes: 'data:image/png;base64,AA' } } }),
    says: 'no valid base64',
  },
  {
    mistake: 'a document with a dot in its name',
    fields: bedrockBlock({ document: { format: 'pdf', name: 'a.pdf', source: { bytes: 'AAAA' } } }),
    says: 'The document file name can only contain',
  },
  {
    mistake: 'a document without a text beside it',
    fields: bedrockBlock({ document: { format: 'pdf', name: 'a', source: { bytes: 'AAAA' } } }),
    says: 'A text block is required beside a document',
  },
  {
    mistake: 'two documents of one name',
    fields: {
      messages: [
        {
          role: 'user',
          content: [
            { text: 'x' },
            { document: { format: 'txt', name: 'a', source: { text: 'x' } } },
            { document: { format: 'txt', name: 'a', source: { text: 'y' } } },
          ],
        },
      ],
    },
    says: 'duplicate document names',
  },
  {
    mistake: 'an unanswered tool call',
    fields: { messages: [bedrockUser, bedrockCall(), bedrockUser], toolConfig: bedrockTools },
    says: 'Expected toolResult blocks at messages.2.content for the following Ids: tooluse_1',
  },
  {
    mistake: 'a tool result out of nowhere',
    fields: { messages: [bedrockResult()], toolConfig: bedrockTools },
    says: 'exceeds the number of toolUse blocks of previous turn',
  },
  {
    mistake: 'a history with tools and none declared',
    fields: { messages: [bedrockUser, bedrockCall(), bedrockResult()] },
    says: 'The toolConfig field must be defined',
  },
  {
    mistake: 'a tool id with a colon',
    fields: { messages: [bedrockUser, bedrockCall({ toolUseId: 'f:0' })], toolConfig: bedrockTools },
    says: "Value 'f:0' at 'messages.1.content.0.toolUse.toolUseId'",
  },
  {
    mistake: 'arguments as text',
    fields: { messages: [bedrockUser, bedrockCall({ input: '{}' })], toolConfig: bedrockTools },
    says: 'Provide a json object for the field',
  },
  {
    mistake: 'a called tool with a space in its name',
    fields: { messages: [bedrockUser, bedrockCall({ name: 'a b' })], toolConfig: bedrockTools },
    says: 'toolUse.name',
  },
  {
    mistake: 'a blank tool result',
    fields: {
      messages: [bedrockUser, bedrockCall(), bedrockResult({ content: [{ text: '' }] })],
      toolConfig: bedrockTools,
    },
    says: 'toolResult.content.0 is blank',
  },
  {
    mistake: 'a tool result as text',
    fields: { messages: [bedrockUser, bedrockCall(), bedrockResult({ content: 'x' })], toolConfig: bedrockTools },
    says: 'Member must not be null',
  },
  {
    mistake: 'thinking nobody signed',
    fields: {
      messages: [bedrockUser, { role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: 'x' } } }] }],
    },
    says: 'thinking.signature: Field required',
  },
  { mistake: 'no tools in tools', fields: { toolConfig: { tools: [] } }, says: 'length greater than or equal to 1' },
  {
    mistake: 'a tool of a foreign form',
    fields: { toolConfig: { tools: [{ name: 'f' }] } },
    says: 'extraneous key [name] is not permitted',
  },
  {
    mistake: 'a tool name with a dot',
    fields: { toolConfig: { tools: [bedrockTool({ name: 'a.b' })] } },
    says: 'toolSpec.name',
  },
  {
    mistake: 'an empty description',
    fields: { toolConfig: { tools: [bedrockTool({ description: '' })] } },
    says: 'toolSpec.description',
  },
  {
    mistake: 'a tool without schema',
    fields: { toolConfig: { tools: [{ toolSpec: { name: 'f' } }] } },
    says: 'toolSpec.inputSchema',
  },
  {
    mistake: 'a tool schema without type',
    fields: { toolConfig: { tools: [bedrockTool({ inputSchema: { json: {} } })] } },
    says: 'json.type must be one of the following: object',
  },
  {
    mistake: 'two tools of one name',
    fields: { toolConfig: { tools: [bedrockTool(), bedrockTool()] } },
    says: 'Tool names must be unique',
  },
  {
    mistake: 'a choice of a tool that is not there',
    fields: { toolConfig: { tools: [bedrockTool()], toolChoice: { tool: { name: 'g' } } } },
    says: 'The tool g in toolConfig.toolChoice.tool is not defined',
  },
  {
    mistake: 'a choice of no tool',
    fields: { toolConfig: { tools: [bedrockTool()], toolChoice: { none: {} } } },
    says: 'extraneous key [none] is not permitted',
  },
  {
    mistake: 'a small thinking budget',
    fields: { additionalModelRequestFields: bedrockThinking({ budget_tokens: 10 }) },
    says: 'greater than or equal to 1024',
  },
  {
    mistake: 'a thinking budget above the limit',
    fields: { additionalModelRequestFields: bedrockThinking(), inferenceConfig: { maxTokens: 1024 } },
    says: 'must be greater than `thinking.budget_tokens`',
  },
  {
    mistake: 'thinking with a temperature',
    fields: { additionalModelRequestFields: bedrockThinking(), inferenceConfig: { temperature: 0.2 } },
    says: '`temperature` may only be set to 1',
  },
  {
    mistake: 'thinking with a forced tool',
    fields: {
      additionalModelRequestFields: bedrockThinking(),
      toolConfig: { tools: [bedrockTool()], toolChoice: { any: {} } },
    },
    says: 'may not be enabled when tool_choice forces tool use',
  },
  {
    mistake: 'a schema as an object',
    fields: { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: {} } } } } },
    says: 'a JSON Schema as a string is required',
  },
];

export const refusedRequests: Readonly<Record<PlayedDialect, readonly RefusedRequest[]>> = {
  'openai-chat': [...openai, ...openaiMore],
  'openai-responses': responses,
  'anthropic-messages': [...anthropic, ...anthropicMore],
  gemini: [...gemini, ...geminiMore],
  'bedrock-converse': bedrock,
  'ollama-chat': ollama,
  'cohere-chat': cohere,
};
