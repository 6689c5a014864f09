// SPDX-License-Identifier: Apache-2.0
// OpenAI's own client, unchanged, talks to `unroll serve`: npm install openai, then
//   node scripts/openai-client.mjs http://127.0.0.1:8080/v1 'ROMEO:'
// It looks for the library where it is called from.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { default: OpenAI } = await import(pathToFileURL(require.resolve('openai')).href);

const [baseURL = 'http://127.0.0.1:8080/v1', prompt = ''] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: process.env.OPENAI_API_KEY ?? 'none' });

const models = await client.models.list();
const model = models.data[0].id;
console.log('model:', model);

const request = { model, prompt, max_tokens: 60, temperature: 0.8, seed: 1 };
const whole = await client.completions.create({ ...request, logprobs: 1 });
console.log('whole:', JSON.stringify(whole.choices[0].text), JSON.stringify(whole.usage));

let streamed = '';
let events = 0;
for await (const event of await client.completions.create({ ...request, stream: true })) {
  streamed += event.choices[0]?.text ?? '';
  events += 1;
}
console.log('streamed:', streamed === whole.choices[0].text ? 'the same text' : 'ANOTHER TEXT', 'in', events, 'events');

const embeddings = await client.embeddings.create({ model, input: [prompt || 'a', 'e'] });
console.log('embeddings:', embeddings.data.length, 'of', embeddings.data[0].embedding.length, 'numbers');

try {
  await client.completions.create({ ...request, temperature: -1 });
  console.log('refused: NO');
} catch (error) {
  console.log('refused:', error.status, error.param, '-', error.message);
}
if (streamed !== whole.choices[0].text) {
  process.exit(1);
}
