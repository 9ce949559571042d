import type { ChartSpec } from '../charts/chart-spec.ts';
import type { PageChart } from './page-data.ts';

interface Parts {
  readonly plugins?: { readonly subtitle?: { readonly text?: string | readonly string[] } };
  readonly scales?: { readonly x?: { readonly title?: { readonly text?: string } } };
}

/** Returns a chart for the page, which shows title and subtitle as text. */
export function pageChart(spec: ChartSpec): PageChart {
  const { plugins, scales } = (spec.config.options ?? {}) as Parts;
  const text = plugins?.subtitle?.text ?? '';
  return {
    ...spec,
    subtitle: typeof text === 'string' ? text : text.join(' '),
    // The title of `elapsedAxis`.
    onRunTime: scales?.x?.title?.text?.startsWith('time since start') === true,
  };
}
