// Asks each model with a timeout of 150 ms, whole and streamed, and prints what the SDK threw and when, one JSON line
// each. A process of its own: the SDK tells a timeout by the realm of the error.
//
//   node openai-timeouts.ts BASE_URL KEY MODEL...
import OpenAI from 'openai';

const [baseURL = '', apiKey = '', ...models] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 150 });

async function ask(model: string, stream: boolean): Promise<void> {
  let thrown = 'nothing';
  try {
    await client.chat.completions.create({ model, stream, messages: [{ role: 'user', content: 'Say hello.' }] });
  } catch (error) {
    thrown = error instanceof Error ? error.constructor.name : String(error);
  }
  const at = performance.timeOrigin + performance.now();
  console.log(JSON.stringify({ model, stream, thrown, at }));
}

await Promise.all(models.flatMap((model) => [ask(model, false), ask(model, true)]));
