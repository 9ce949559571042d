import type { Project, Starter } from './detect-project.ts';

/** The file of a starter client, and what the scenario says of it. */
export interface StarterClient {
  readonly name: string;
  readonly text: string;
  /** The dialect of its API. */
  readonly dialect: 'openai' | 'anthropic' | 'gemini';
  /** The client of the scenario, as YAML. */
  readonly written: string;
  /** Packages that it imports. */
  readonly packages: readonly string[];
}

const MODEL: Readonly<Record<StarterClient['dialect'], string>> = {
  openai: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
};

interface Source {
  readonly dialect: StarterClient['dialect'];
  readonly packages: readonly string[];
  readonly setup: string;
  readonly body: string;
}

const SOURCES: Readonly<Record<Exclude<Starter, 'python'>, Source>> = {
  openai: {
    dialect: 'openai',
    packages: ['openai'],
    setup: `import OpenAI from 'openai';\n\nconst openai = new OpenAI();\n`,
    body: `const answer = await openai.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: prompt }] });
  return answer.choices[0].message.content;`,
  },
  anthropic: {
    dialect: 'anthropic',
    packages: ['@anthropic-ai/sdk'],
    setup: `import Anthropic from '@anthropic-ai/sdk';\n\nconst anthropic = new Anthropic();\n`,
    body: `const answer = await anthropic.messages.create({
    model: MODEL,
    max_tokens: 200,
    messages: [{ role: 'user', content: prompt }],
  });
  return answer.content.map((block) => (block.type === 'text' ? block.text : '')).join('');`,
  },
  'google-genai': {
    dialect: 'gemini',
    packages: ['@google/genai'],
    setup: `import { GoogleGenAI } from '@google/genai';

const gemini = new GoogleGenAI({
  apiKey: process.env.GEMINI_API_KEY,
  httpOptions: { baseUrl: process.env.GOOGLE_GEMINI_BASE_URL },
});
`,
    body: `const answer = await gemini.models.generateContent({ model: MODEL, contents: prompt });
  return answer.text;`,
  },
  'ai-sdk': {
    dialect: 'openai',
    packages: ['ai', '@ai-sdk/openai'],
    setup: `import { openai } from '@ai-sdk/openai';\nimport { generateText } from 'ai';\n`,
    body: `const { text } = await generateText({ model: openai.chat(MODEL), prompt });
  return text;`,
  },
  langchain: {
    dialect: 'openai',
    packages: ['@langchain/openai', '@langchain/core'],
    setup: `import { ChatOpenAI } from '@langchain/openai';

const chat = new ChatOpenAI({ model: 'MODEL_NAME', configuration: { baseURL: process.env.OPENAI_BASE_URL } });
`,
    body: `const answer = await chat.invoke(prompt);
  return answer.content;`,
  },
  fetch: {
    dialect: 'openai',
    packages: [],
    setup: '',
    body: `const response = await fetch(\`\${process.env.OPENAI_BASE_URL}/chat/completions\`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: \`Bearer \${process.env.OPENAI_API_KEY}\` },
    body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: prompt }] }),
  });
  if (!response.ok) throw new Error(\`HTTP \${response.status}\`);
  return (await response.json()).choices[0].message.content;`,
  },
};

const HEAD = 'A starting point: call your own code here. In a run, the environment points at the mock provider.';

/** Returns the client file of a project: the shortest that makes a call as its SDK's manual does. */
export function starterClient({ starter, ending }: Pick<Project, 'starter' | 'ending'>): StarterClient {
  if (starter === 'python') return PYTHON;
  const { dialect, packages, setup, body } = SOURCES[starter];
  const model = `const MODEL = '${MODEL[dialect]}';\n`;
  const name = `quotalab-client.${ending}`;
  const parameter = ending.endsWith('ts') ? '{ prompt }: { prompt: string }' : '{ prompt }';
  const usesModel = body.includes('MODEL');
  const head = `// ${HEAD}\n${setup.replace('MODEL_NAME', MODEL[dialect])}${setup === '' || !usesModel ? '' : '\n'}${usesModel ? model : ''}`;
  const text = `${head}\nexport default async function ask(${parameter}) {\n  ${body}\n}\n`;
  return { name, text, dialect, packages, written: `./${name}` };
}

const PYTHON: StarterClient = {
  name: 'quotalab_client.py',
  dialect: 'openai',
  packages: [],
  written: '{ command: [python3, quotalab_client.py] }',
  text: `# ${HEAD}
import json, os, sys, urllib.error, urllib.request

call = json.load(sys.stdin)
body = {"model": "${MODEL.openai}", "messages": [{"role": "user", "content": call["prompt"]}]}
headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
try:
    print(urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).read().decode())
except urllib.error.HTTPError as error:
    print(json.dumps({"error": {"name": "HTTPError", "message": str(error), "status": error.code}}))
`,
};
