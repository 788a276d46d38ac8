import { writeFileSync } from 'node:fs';
import { type Part, partOf } from './parts.ts';
import { mutate } from './stryker.ts';

const files = process.argv.slice(2);
const t = performance.now();
const results = await mutate(partOf(files[0] as string) as Part, files, { anew: false });
writeFileSync(`/tmp/sp/${process.env.OUT}.json`, JSON.stringify(results));
const by: Record<string, number> = {};
for (const r of results) by[r.status] = (by[r.status] ?? 0) + 1;
console.log(by, (performance.now() - t) / 1000);
