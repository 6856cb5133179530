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
    ['/v1beta/models/gemini-2.5-flash:countTokens', 'openai-chat', 'other'],
    ['/supermodels', 'openai-chat', 'other'],
    ['/healthy', 'openai-chat', 'other'],
    ['/', 'openai-chat', 'other'],
    ['/v1/chat/completions/messages/x', 'openai-chat', 'other'],
    ['/?path=/chat/completions', 'openai-chat', 'other'],
    ['', 'openai-chat', 'other'],
  ])('reads %j as %s %s', (path, dialect, operation) => {
    expect(inboundOf(path)).toEqual({ dialect, operation });
  });
});
