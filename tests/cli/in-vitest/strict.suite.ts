import { vi } from 'vitest';
import { conformance } from '../../../harness/vitest.ts';
import { cannedRun } from './canned.ts';

vi.mock('../../../harness/engine/run.ts', () => ({ run: cannedRun(['MAP-ABSENT']) }));

const target = { name: 'canned', read: () => 0, write: () => undefined };
conformance({ target: () => target, strict: true });
