import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BIN } from './quotalab.ts';

/** Debian's browser, as the tests of report.html use it. */
const EXECUTABLE = '/usr/bin/chromium';

let browser: Browser;
const children: ChildProcess[] = [];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
}, 30_000);

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGINT');
});

afterAll(() => browser?.close());

/** Starts a command with a live page. Returns what it prints, as soon as that matches each pattern. */
async function start(words: readonly string[], cwd: string, ...patterns: readonly RegExp[]): Promise<string[]> {
  const child = spawn(process.execPath, [BIN, ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const found = patterns.map((pattern) => pattern.exec(text)?.[1]);
        if (found.every((match) => match !== undefined)) resolve(found as string[]);
      });
    }
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}

async function open(url: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** Requests that the page has shown. */
const requestsOn = async (page: Page): Promise<number> => {
  const text = await page.locator('[data-live=counts]').textContent();
  return Number(/([\d,]+) requests/.exec(text ?? '')?.[1]?.replace(',', '') ?? 0);
};

const LIVE = /live page at (\S+)/;
const folder = (): string => mkdtempSync(join(tmpdir(), 'quotalab-live-'));

describe('--ui', () => {
  it('of a run in wall time moves with it, and keeps what it has at the end', async () => {
    const cwd = folder();
    writeFileSync(
      join(cwd, 'client.mjs'),
      `export default async ({ model, prompt }, { env }) => {
        const body = JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] });
        const headers = { 'content-type': 'application/json', authorization: 'Bearer ' + env.OPENAI_API_KEY };
        const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', headers, body });
        if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status });
        return (await response.json()).choices[0].message.content;
      }`,
    );
    writeFileSync(
      join(cwd, 'quotalab.yaml'),
      `name: live
time: wall
client: { module: ./client.mjs }
provider: { limits: ['requests 5/s burst 5'], latency: { firstToken: 5ms } }
load: [{ executor: constant-vus, vus: 4, duration: 6s, wait: { constant: 200ms } }]
`,
    );
    const [url] = await start(['run', 'quotalab.yaml', '--ui', '--no-charts', '--no-confirm'], cwd, LIVE);
    const { page, complaints } = await open(url!);
    await expect.poll(() => requestsOn(page), { timeout: 15_000 }).toBeGreaterThan(4);
    const early = await requestsOn(page);
    await expect.poll(() => requestsOn(page), { timeout: 15_000 }).toBeGreaterThan(early);
    await expect.poll(() => page.locator('figure canvas').count()).toBeGreaterThan(1);
    expect(await page.locator('.buckets meter').count()).toBe(1);
    await expect.poll(() => page.locator('nav b').textContent(), { timeout: 15_000 }).toContain('The run is over');
    // At most 20 are listed; a busy machine may not send as many.
    expect(await page.locator('.recent tbody tr').count()).toBeGreaterThan(4);
    // The socket of the events is closed by the end of the run, and nothing else is said.
    expect(complaints.filter((text) => !/ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING)/.test(text))).toEqual([]);
    await page.close();
  }, 45_000);

  it('of serve changes limits and faults by hand; the mock says in a browser what it is', async () => {
    const [live, mock] = await start(['serve', '--ui', '--port', '0'], folder(), LIVE, /mock at (\S+)/);
    const ask = async (): Promise<number> => {
      const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-live-secret-1234567890' };
      return (await fetch(`${mock}/v1/chat/completions`, { method: 'POST', headers, body })).status;
    };
    const front = await open(`${mock}/`);
    expect(await front.page.locator('h1').textContent()).toBe('OpenAI mock');
    await front.page.getByRole('link', { name: 'The live page' }).click();
    const { page } = front;
    expect(page.url()).toBe(live);
    expect(await ask()).toBe(200);
    await expect.poll(() => requestsOn(page), { timeout: 10_000 }).toBe(1);
    await page.getByLabel('Limits, one a line').fill('requests 1/min burst 1');
    await page.getByRole('button', { name: 'Set these limits' }).click();
    await page.getByText('The limits are changed.').waitFor();
    expect([await ask(), await ask()]).toEqual([200, 429]);
    await page.getByLabel('Limits, one a line').fill('requests sometimes');
    await page.getByRole('button', { name: 'Set these limits' }).click();
    await page.getByText('invalid limits').waitFor();
    await page.getByRole('row', { name: 'Answer 503' }).getByRole('button', { name: '30 s' }).click();
    await page.getByText('Every request gets 503').waitFor();
    expect(await ask()).toBe(503);
    await expect.poll(() => page.locator('.recent').textContent(), { timeout: 10_000 }).toContain('503');
    expect(await page.content()).not.toContain('sk-live-secret');
    await page.close();
  }, 45_000);
});
