import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../src/gateway/temporary-folder.ts';

it('the folder of a run that no longer exists is removed by the next, that of another run is not', () => {
  const first = createTemporaryFolder();
  const named = (pid: number): string => first.path.replace(`-${process.pid}-`, `-${pid}-`);
  // A process that has ended, and one that has not.
  const ended = named(spawnSync('true').pid);
  const running = named(process.ppid);
  for (const folder of [ended, running]) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'nginx.conf'), 'events {}');
  }
  const second = createTemporaryFolder();
  expect([ended, running, first.path, second.path].map((folder) => existsSync(folder))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(statSync(second.path).mode & 0o777).toBe(0o755);
  for (const folder of [first, second]) folder.remove();
  const left = readdirSync(tmpdir()).filter((name) =>
    [first.path, second.path].map((path) => basename(path)).includes(name),
  );
  expect(left).toEqual([]);
});
