import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quotalabHere } from './in-process.ts';
import { describeWith } from './real-parts.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The article's load for a while: more calls than the quota takes, each told to wait. */
const SMALL = ['run', 'article', '-q', '--no-charts', '--no-confirm', '--set', 'load[0].duration=40s', '-o', 'small'];

/** About 100,000 calls, as discrete events. */
const LARGE = `
name: large
time: model
client: { model: fixed, retries: { max: 1 } }
provider: { limits: ['requests 800/s burst 800'] }
load: [{ executor: constant-arrival-rate, rate: 1000/s, duration: 125s }]
`;

interface Opened {
  readonly page: Page;
  /** What the page printed, and what it asked for beside itself. */
  readonly said: string[];
}

/** A busy machine is no fault of the page. */
const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 20_000 });

describeWith(['chromium'], 'report.html in a browser', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-page-'));
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(join(cwd, 'large.yaml'), LARGE);
    await quotalabHere(SMALL, { cwd });
    await quotalabHere(['run', 'large.yaml', '-q', '--no-charts', '--no-confirm', '-o', 'large'], { cwd });
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(() => browser?.close());

  async function open(folder: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const page = await browser.newPage(options);
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    const address = pathToFileURL(join(cwd, folder, 'report.html')).href;
    page.on('request', (request) => {
      if (!request.url().startsWith('data:') && request.url() !== address) said.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    await page.waitForSelector('h1');
    return { page, said };
  }

  it('opens from the disk without a message and without a request, the answer first', async () => {
    const { page, said } = await open('small');
    expect(await page.locator('h1').textContent()).toMatch(/^. (Passed|Failed)/);
    expect(await page.locator('.story').first().textContent()).toMatch(
      /^\d+ calls in 4[\d.]+ ?s of virtual time: .* refused/,
    );
    expect(await page.locator('.finding').count()).toBeGreaterThan(0);
    expect(await page.locator('figure.chart canvas').count()).toBeGreaterThan(2);
    expect(said).toEqual([]);
    await page.close();
  });

  it('a proof opens its call: the waterfall says what was told and what was waited', async () => {
    const { page } = await open('small');
    const proof = page.locator('.proofs button').first();
    const call = /call (\d+)/.exec((await proof.textContent())!)![1];
    await proof.click();
    await eventually(() => page.locator('#call-title').textContent()).toContain(`Call #${call} `);
    expect(await page.locator('.tries li').first().textContent()).toMatch(
      /Try 1 at .*: 429, refused .*told to wait .*waited/,
    );
    await page.locator('.finding button.link', { hasText: 'Show these calls' }).first().click();
    await eventually(() => page.locator('.calls [role=status]').textContent()).toMatch(/^\d{1,2} of/);
    await page.close();
  });

  it('charts over time zoom together, by the pointer and back by a button', async () => {
    const { page } = await open('small');
    const canvas = page.locator('figure.chart canvas').first();
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    const whole = page.getByRole('button', { name: 'Show the whole run' });
    expect(await whole.isDisabled()).toBe(true);
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await eventually(() => whole.isDisabled()).toBe(false);
    await whole.click();
    await eventually(() => whole.isDisabled()).toBe(true);
    await page.close();
  });

  it('a dark page stays readable, and paper is light', async () => {
    const { page } = await open('small', { colorScheme: 'dark' });
    const theme = () => page.locator('html').getAttribute('data-theme');
    await eventually(theme).toBe('dark');
    await page.getByRole('button', { name: 'Light page' }).click();
    await eventually(theme).toBe('light');
    await page.getByRole('button', { name: 'Dark page' }).click();
    await page.emulateMedia({ media: 'print' });
    await eventually(theme).toBe('light');
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('axe finds nothing serious on a %s page', async (colorScheme) => {
    const { page } = await open('small', { colorScheme, bypassCSP: true });
    for (const summary of await page.locator('.folded summary').all()) await summary.click();
    await page.locator('.data summary').first().click();
    await page.evaluate(readFileSync(AXE, 'utf8'));
    const found = await page.evaluate(() =>
      (
        globalThis as unknown as {
          axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
        }
      ).axe
        .run()
        .then(({ violations }) =>
          violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
        ),
    );
    expect(found).toEqual([]);
    await page.close();
  });

  it('100,000 calls: below 5 MB, found by number at once, and only the rows in sight exist', async () => {
    expect(statSync(join(cwd, 'large/report.html')).size).toBeLessThan(5_000_000);
    const { page, said } = await open('large');
    const [, count] = /^([\d\u202f]+) of \1 calls\.$/.exec(
      (await page.locator('.calls [role=status]').textContent())!,
    )!;
    expect(Number(count!.replace(/\D/g, ''))).toBeGreaterThan(100_000);
    expect(await page.locator('.rows tbody tr').count()).toBeLessThan(80);
    await page.getByRole('searchbox').fill('#77777');
    await eventually(() => page.locator('.calls [role=status]').textContent()).toMatch(/^1 of/);
    await page.locator('.rows tbody button').first().click();
    await eventually(() => page.locator('#call-title').textContent()).toContain('Call #77777 ');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.locator('.rows').evaluate((rows) => rows.scrollTo(0, rows.scrollHeight));
    await eventually(() => page.locator('.rows tbody button').last().textContent()).toMatch(/^#\d{5,6}$/);
    expect(said).toEqual([]);
    await page.close();
  });
});
