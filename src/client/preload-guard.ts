import { guardFromEnvironment } from './guard-programs.ts';

guardFromEnvironment();
