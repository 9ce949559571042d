import type { Starter } from '../init/detect-project.ts';
import type { CiSystem } from '../init/starter-files.ts';

/** The flags of `init`; what is missing is asked, or a default. */
export interface InitFlags {
  readonly sdk?: Starter;
  readonly client?: string;
  readonly limit?: string;
  readonly rate?: string;
  readonly ci?: CiSystem;
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
}
