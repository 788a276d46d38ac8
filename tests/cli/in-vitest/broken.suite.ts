import { conformance } from '../../../harness/vitest.ts';

conformance({ target: './missing.ts' });
