/** Tells each survivor as it is found: a run takes long, and a test for it can be written meanwhile. */
import { relative } from 'node:path';
import type { MutantResult } from '@stryker-mutator/api/core';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

export const LIVE = 'live';

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Reporter, LIVE, {
    onMutantTested({ status, fileName, location: { start }, mutatorName, replacement }: MutantResult) {
      if (status !== 'Survived' && status !== 'NoCoverage' && status !== 'RuntimeError') return;
      const to = (replacement ?? '').replace(/\s+/g, ' ').slice(0, 100);
      console.error(
        `${status}: ${relative(process.cwd(), fileName)}:${start.line}:${start.column} ${mutatorName} => ${to}`,
      );
    },
  }),
];
