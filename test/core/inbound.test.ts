import { describe, expect, it } from '@jest/globals';
import { inboundOf } from '../../src/core/inbound.ts';

describe('inboundOf', () => {
  it.each([
    ['/v1/chat/completions', 'openai-chat', 'chat'],
    ['/chat/completions', 'openai-chat', 'chat'],
    ['/any/mount/v1/v1/chat/completions?x=1', 'openai-chat', 'chat'],
    ['/v1/chat/completions/?x=1', 'openai-chat', 'chat'],
    ['/v1/messages', 'anthropic-messages', 'chat'],
    ['/v1/messages/', 'anthropic-messages', 'chat'],
    ['/v1/messages?beta=true', 'anthropic-messages', 'chat'],
    ['/v1beta/models/gemini-2.5-flash:generateContent', 'gemini', 'chat'],
    ['/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', 'gemini', 'chat'],
    ['/chat/completions/', 'openai-chat', 'chat'],
    ['/v1/models', 'openai-chat', 'models'],
    ['/models/?limit=20', 'openai-chat', 'models'],
    ['/v1/models/gpt-4o', 'openai-chat', 'models'],
    ['/v1/models/ft:gpt-4o:lab::1', 'openai-chat', 'models'],
    ['/v1/models/ollama/llama3.2:3b', 'openai-chat', 'models'],
    ['/v1/models/together/meta-llama/Llama-3.3-70B-Instruct-Turbo', 'openai-chat', 'models'],
    ['/health', 'openai-chat', 'health'],
    ['/gateway/v1/health?verbose', 'openai-chat', 'health'],
    ['/v1beta/models/gemini-2.5-flash:countTokens', 'gemini', 'count-tokens'],
    ['/v1/models/gemini-embedding-001:batchEmbedContents', 'gemini', 'embeddings'],
    ['/v1beta/models/imagen-4.0:predictLongRunning', 'gemini', 'other'],
    ['/v1/responses', 'openai-responses', 'chat'],
    ['/v1/responses/resp_1', 'openai-chat', 'other'],
    ['/v1/messages/count_tokens', 'anthropic-messages', 'count-tokens'],
    ['/v1/embeddings', 'openai-chat', 'embeddings'],
    ['/v1/images/generations', 'openai-chat', 'images'],
    ['/v2/chat', 'cohere-chat', 'chat'],
    ['/api/chat', 'ollama-chat', 'chat'],
    ['/chat', 'plain-chat', 'chat'],
    ['/model/us.anthropic.claude-sonnet-4-20250514-v1%3A0/converse', 'bedrock-converse', 'chat'],
    ['/model/amazon.nova-lite-v1:0/converse-stream', 'bedrock-converse', 'chat'],
    ['/supermodels', 'openai-chat', 'other'],
    ['/healthy', 'openai-chat', 'other'],
    ['/', 'openai-chat', 'other'],
    ['/v1/chat/completions/messages/x', 'openai-chat', 'other'],
    ['/?path=/chat/completions', 'openai-chat', 'other'],
    ['', 'openai-chat', 'other'],
  ])('reads %j as %s %s', (path, dialect, operation) => {
    expect(inboundOf(path)).toMatchObject({ dialect, operation });
  });

  it.each([
    ['/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21', { model: 'gpt-4o' }],
    ['/openai/deployments/anthropic/claude-x/chat/completions', { model: 'anthropic/claude-x' }],
    ['/openai/deployments/my%20one/embeddings/', { model: 'my one' }],
    ['/deployments/%/chat/completions', {}],
    ['/v1beta/models/gemini-2.5-flash:generateContent', { model: 'gemini-2.5-flash', stream: false }],
    ['/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=x', { model: 'gemini-2.5-flash', stream: true }],
    ['/models/m:streamGenerateContent', { model: 'm', stream: true, framing: 'json-array' }],
    ['/models/anthropic%2Fclaude-x:generateContent', { model: 'anthropic/claude-x', stream: false }],
    ['/models/anthropic/claude-x:generateContent', { model: 'anthropic/claude-x', stream: false }],
    ['/model/us.anthropic.claude-v1%3A0/converse', { model: 'us.anthropic.claude-v1:0', stream: false }],
    ['/model/openai%2Fgpt-4o/converse-stream', { model: 'openai/gpt-4o', stream: true }],
    ['/model/%zz/converse', { stream: false }],
    ['/v1/chat/completions', {}],
  ])('reads what only the path of %j tells', (path, origin) => {
    expect(inboundOf(path).origin).toEqual(origin);
  });
});
