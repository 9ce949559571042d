/** Measures ratios against named baselines in one run: `npm run bench`, or `npm run bench -- server` for one of them. */
import { benchAnalysis } from './analysis.ts';
import { benchJournal } from './journal.ts';
import { benchLimiters } from './limiter.ts';
import { benchModel, benchWaits } from './model.ts';
import { benchRaw } from './raw.ts';
import { benchServer } from './server.ts';
import { benchStreams } from './streams.ts';
import { printTable, type Row } from './table.ts';
import { benchVirtual } from './virtual.ts';

const BENCHES: Readonly<Record<string, readonly [title: string, run: () => Row[] | Promise<Row[]>]>> = {
  server: ['Requests a second over loopback, 32 connections, median of three', benchServer],
  streams: ['Memory of 5,000 open streams', benchStreams],
  limiter: ['Decisions a second, check and charge', benchLimiters],
  virtual: ['Attempts a second in virtual time, median of three', benchVirtual],
  model: ['Events a second of a modelled hour at 5/s, median of five', benchModel],
  waits: ['What a person waits for', benchWaits],
  analysis: ['Attempts a second from journal to report, verdicts and charts', benchAnalysis],
  journal: ['Journal records a second', benchJournal],
  raw: ['Raw load over loopback, 20 connections, median of three', benchRaw],
};

const wanted = process.argv.slice(2);
for (const [name, [title, run]] of Object.entries(BENCHES)) {
  if (wanted.length === 0 || wanted.includes(name)) printTable(title, await run());
}
