import { chunksPerStream, completionTokens, padded, promptTokens, streamPieces, wholeText } from './text.ts';
import type { Upstream } from './upstream.ts';

const model = 'gemini-2.5-flash';

function request(): string {
  return padded((filler) => ({
    systemInstruction: { parts: [{ text: 'You are a careful assistant. Answer in one paragraph.' }] },
    contents: [{ role: 'user', parts: [{ text: filler }] }],
    generationConfig: { maxOutputTokens: 512, temperature: 0.7 },
  }));
}

/** https://ai.google.dev/api/generate-content#generatecontentresponse */
function answer(text: string, finishReason?: string): object {
  return {
    candidates: [
      {
        content: { parts: [{ text }], role: 'model' },
        ...(finishReason !== undefined && { finishReason }),
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: promptTokens,
      candidatesTokenCount: completionTokens,
      totalTokenCount: promptTokens + completionTokens,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: promptTokens }],
    },
    modelVersion: model,
    responseId: 'BenchBenchBenchBench',
  };
}

const whole = padded((filler) => answer(wholeText(filler), 'STOP'));

export const gemini: Upstream = {
  name: 'gemini',
  model,
  path: (stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  request,
  whole,
  wholeText: JSON.parse(whole).candidates[0].content.parts[0].text,
  // Gemini ends its lines with CRLF.
  frames: streamPieces.map((piece, index) => {
    const last = index === chunksPerStream - 1;
    return `data: ${JSON.stringify(answer(piece, last ? 'STOP' : undefined))}\r\n\r\n`;
  }),
};
