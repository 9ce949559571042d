import { render } from 'preact';
import type { PageData } from '../../report/page/page-data.ts';
import '../components/style.css';
import { readEmbedded } from '../components/read-embedded.ts';
import { Report } from './report.tsx';

const place = document.getElementById('page')!;

readEmbedded<PageData>('data').then(
  (data) => {
    document.title = `${data.name}: ${data.outcome} · QuotaLab`;
    place.replaceChildren();
    render(<Report data={data} />, place);
  },
  (error: unknown) => {
    place.textContent = `This report cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
  },
);
