/**
 * Where calls are answered, below the mount point. Every client library adds its own version to its base URL, which may
 * end in one already, so a version in front is taken or left: https://platform.openai.com/docs/api-reference,
 * https://docs.anthropic.com/en/api, https://ai.google.dev/api, https://docs.cohere.com/reference,
 * https://docs.ollama.com/api, https://docs.aws.amazon.com/bedrock/latest/APIReference
 */
export const callRoutes: readonly RegExp[] = [
  // OpenAI's own paths, also below Groq's `/openai/v1` and Azure's `/openai/deployments/{name}`, and our short form.
  /^(?:\/openai)?(?:\/v1|\/deployments\/.+)?\/(?:chat\/completions|responses|embeddings|images\/generations)\/?$/,
  /^(?:\/v1)?\/chat\/?$/,
  // Anthropic
  /^(?:\/v1)?\/messages(?:\/count_tokens)?\/?$/,
  // Gemini; a model's name may hold slashes and colons.
  /^(?:\/v1|\/v1beta)?\/models\/.+:(?:generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)$/,
  // Bedrock
  /^\/model\/.+\/converse(?:-stream)?$/,
  // Cohere
  /^\/v2\/(?:chat|embed)\/?$/,
  // Ollama
  /^\/api\/(?:chat|embed)\/?$/,
];

export const modelsRoutes: readonly RegExp[] = [
  /^(?:\/openai)?(?:\/v1|\/v1beta)?\/models(?:\/.*)?$/,
  /^\/api\/tags\/?$/,
];

export const usageRoute = /^(?:\/v1)?\/usage\/?$/;

export const healthRoute = /^(?:\/v1)?\/health\/?$/;

/** Everything below it: whoever is no admin learns nothing of what is there. */
export const adminRoute = /^(?:\/v1)?\/admin(?:\/.*)?$/;
