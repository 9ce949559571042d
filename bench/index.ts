/**
 * Measures performance relative to named baselines: `npm run bench`, or `npm run bench -- server` for a single
 * benchmark.
 */
import { benchAnalysis } from './analysis.ts';
import { benchJournal } from './journal.ts';
import { benchLimiters } from './limiter.ts';
import { benchModel, benchWaits } from './model.ts';
import { benchRaw } from './raw.ts';
import { benchReplicas } from './replicas.ts';
import { benchServer } from './server.ts';
import { benchStreams } from './streams.ts';
import { printTable, type Row } from './table.ts';
import { benchVirtual } from './virtual.ts';

const BENCHES: Readonly<Record<string, readonly [title: string, run: () => Row[] | Promise<Row[]>]>> = {
  server: ['Requests per second over loopback, 32 connections, median of three', benchServer],
  streams: ['Memory of 5,000 open streams', benchStreams],
  limiter: ['Limiter decisions per second, check and charge', benchLimiters],
  virtual: ['Attempts per second in virtual time, median of three', benchVirtual],
  model: ['Events per second of a modelled hour at 5/s, median of five', benchModel],
  waits: ['Interactive wait times', benchWaits],
  analysis: ['Attempts per second from journal to report, verdicts and charts', benchAnalysis],
  journal: ['Journal records per second', benchJournal],
  replicas: ['Replicas with the openai SDK in virtual time, median of three', benchReplicas],
  raw: ['Raw load over loopback, 20 connections, median of three', benchRaw],
};

const selected = process.argv.slice(2);
for (const [name, [title, run]] of Object.entries(BENCHES)) {
  if (selected.length === 0 || selected.includes(name)) printTable(title, await run());
}
