import type { EmbeddingPurpose } from '../canonical/embedding.ts';

/** The words providers have for it; what one does not have is named by the nearest it has. */
export const purposeWords = {
  // https://docs.cohere.com/reference/embed
  cohere: {
    document: 'search_document',
    query: 'search_query',
    classification: 'classification',
    clustering: 'clustering',
    similarity: 'clustering',
    'question-answering': 'search_query',
    'fact-verification': 'search_query',
    'code-query': 'search_query',
  },
  // https://ai.google.dev/gemini-api/docs/embeddings#task-types
  google: {
    document: 'RETRIEVAL_DOCUMENT',
    query: 'RETRIEVAL_QUERY',
    classification: 'CLASSIFICATION',
    clustering: 'CLUSTERING',
    similarity: 'SEMANTIC_SIMILARITY',
    'question-answering': 'QUESTION_ANSWERING',
    'fact-verification': 'FACT_VERIFICATION',
    'code-query': 'CODE_RETRIEVAL_QUERY',
  },
  // https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
  nova: {
    document: 'GENERIC_INDEX',
    query: 'GENERIC_RETRIEVAL',
    classification: 'CLASSIFICATION',
    clustering: 'CLUSTERING',
    similarity: 'CLUSTERING',
    'question-answering': 'GENERIC_RETRIEVAL',
    'fact-verification': 'GENERIC_RETRIEVAL',
    'code-query': 'GENERIC_RETRIEVAL',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<EmbeddingPurpose, string>>>>;

/**
 * What a caller's word means, whichever provider's it is. `input_type` is Cohere's, Voyage's and NVIDIA's name for it,
 * and the one we take beside OpenAI's own members.
 */
export function purposeOf(word: string): EmbeddingPurpose | undefined {
  return Object.hasOwn(meanings, word.toLowerCase()) ? meanings[word.toLowerCase()] : undefined;
}

const meanings: Readonly<Record<string, EmbeddingPurpose>> = {
  search_document: 'document',
  retrieval_document: 'document',
  document: 'document',
  passage: 'document',
  search_query: 'query',
  retrieval_query: 'query',
  query: 'query',
  classification: 'classification',
  clustering: 'clustering',
  semantic_similarity: 'similarity',
  similarity: 'similarity',
  question_answering: 'question-answering',
  fact_verification: 'fact-verification',
  code_retrieval_query: 'code-query',
};
