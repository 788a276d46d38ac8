/** The package's own description. */
import { readFileSync } from 'node:fs';

interface Package {
  name: string;
  version: string;
}

function isPackage(value: unknown): value is Package {
  return typeof value === 'object' && value !== null && 'name' in value && 'version' in value;
}

/** Name and version from package.json, which lies two levels up in the sources and three in the build. */
export function ownPackage(): Package {
  for (const up of ['../../', '../../../']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8'));
      if (isPackage(found)) return found;
    } catch {
      // Not at this level.
    }
  }
  return { name: 'virtio-mmio-msi-conformance', version: '0.0.0' };
}
