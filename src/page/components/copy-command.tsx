import { useState } from 'preact/hooks';
import type { PageCommand } from '../../report/page/page-data.ts';

/** A command with a button that copies it. */
export function CopyCommand({ command: { label, command } }: { readonly command: PageCommand }) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(command);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="command">
      <span class="label">{label}</span>
      <code>{command}</code>
      <button type="button" onClick={copy} aria-label={`Copy: ${label}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

/** Pages opened from a disk may have no clipboard but the old one. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
