import { novaEmbeddings } from '../../../src/dialects/embeddings/bedrock/nova.ts';
import { titanEmbeddings } from '../../../src/dialects/embeddings/bedrock/titan.ts';
import { cohereEmbeddings } from '../../../src/dialects/embeddings/cohere/index.ts';
import type { EmbeddingFormat } from '../../../src/dialects/embeddings/format.ts';
import { geminiEmbeddings } from '../../../src/dialects/embeddings/gemini/index.ts';
import { ollamaEmbeddings } from '../../../src/dialects/embeddings/ollama/index.ts';
import { openaiEmbeddings } from '../../../src/dialects/embeddings/openai/index.ts';
import { vertexPredictEmbeddings } from '../../../src/dialects/embeddings/vertex-predict/index.ts';
import { bodyText, type CorpusRecord } from '../../support/corpus.ts';

/** Folders with recorded embeddings. */
export const embeddingFolders = [
  'openai-embeddings',
  'azure-embeddings',
  'gemini-embeddings',
  'mistral-embeddings',
  'cohere-embed',
  'bedrock-embeddings',
  'ollama-embed',
  'ollama-openai-embeddings',
  'other-embeddings',
];

/** The format a recorded answer is in. */
export function formatOf(record: CorpusRecord): EmbeddingFormat {
  switch (record.folder) {
    case 'gemini-embeddings':
      return bodyText(record).includes('"predictions"') ? vertexPredictEmbeddings() : geminiEmbeddings();
    case 'cohere-embed':
      return cohereEmbeddings();
    case 'bedrock-embeddings':
      return bedrockFormat(record.model ?? 'cohere.embed');
    case 'ollama-embed':
      return ollamaEmbeddings();
    default:
      return openaiEmbeddings(record.provider === 'perplexity' ? { base64Holds: 'int8' } : {});
  }
}

function bedrockFormat(model: string): EmbeddingFormat {
  if (model.includes('titan')) return titanEmbeddings();
  return model.includes('nova') ? novaEmbeddings() : cohereEmbeddings('bedrock');
}
