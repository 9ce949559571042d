import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

export type Theme = 'light' | 'dark';

const DARK = '(prefers-color-scheme: dark)';

/** Returns the theme of the page and a function that turns it over. On paper the page is light. */
export function useTheme(): readonly [Theme, () => void] {
  const [chosen, choose] = useState<Theme | undefined>(undefined);
  const [preferred, prefer] = useState<Theme>(matchMedia(DARK).matches ? 'dark' : 'light');
  const [printing, print] = useState(false);
  useEffect(() => {
    const media = matchMedia(DARK);
    const paper = matchMedia('print');
    const onPreference = (): void => prefer(media.matches ? 'dark' : 'light');
    const onPaper = (): void => print(paper.matches);
    media.addEventListener('change', onPreference);
    paper.addEventListener('change', onPaper);
    return () => {
      media.removeEventListener('change', onPreference);
      paper.removeEventListener('change', onPaper);
    };
  }, []);
  const shown = chosen ?? preferred;
  const theme = printing ? 'light' : shown;
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return [theme, () => choose(shown === 'dark' ? 'light' : 'dark')];
}
