/** The device's region from its base up: registers, configuration, and the pages of the tables. Not to scale. */
import type { Context } from './context.ts';
import { anchor, html, type Markup } from './markup.ts';
import { CONFIGURATION, hex } from './places.ts';
import { worst } from './verdicts.ts';

const WIDTH = 392;
const HEIGHT = 46;
const LEFT = 96;

interface Block {
  name: string;
  /** Where it begins. */
  at: string;
  title: string;
  /** What an access to it does. */
  page: 'trap' | 'direct';
  verdict: string;
  href: string | undefined;
}

export function regionPicture(context: Context): Markup {
  const blocks = blocksOf(context);
  const height = blocks.length * (HEIGHT + 6) + 4;
  const title = blocks.map(({ name, page }) => `${name}: ${page}`).join(', ');
  const size = html`viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return html`<figure class="picture region">
    <figcaption>The device's region, not to scale; hatched where each access traps to the device</figcaption>
    <svg class="region" ${size} role="group" aria-label="${title}">
    <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path d="M0 0V6"/></pattern></defs>
    ${blocks.map((block, index) => drawn(block, 2 + index * (HEIGHT + 6)))}</svg></figure>`;
}

function drawn({ name, at, title, page, verdict, href }: Block, top: number): Markup {
  const body = html`<rect class="block m-${verdict}" x="${LEFT}" y="${top}" width="${WIDTH - LEFT - 2}" height="${HEIGHT}"/>${
    page === 'trap' && html`<rect class="hatched" x="${WIDTH - 40}" y="${top}" width="38" height="${HEIGHT}"/>`
  }<text class="strong" x="${LEFT + 12}" y="${top + 20}">${name}</text>
    <text class="small" x="${LEFT + 12}" y="${top + 37}">${title}</text>
    <text class="strong end" x="${WIDTH - 50}" y="${top + 28}">${page}</text>`;
  return html`<text class="code end" x="${LEFT - 8}" y="${top + 13}">${at}</text>
    ${href === undefined ? body : html`<a href="#${href}">${body}</a>`}`;
}

function blocksOf({ layout, places, report }: Context): Block[] {
  const { config, registers, tables } = layout.data;
  const offsets = Object.values(registers).map(({ offset }) => offset);
  const tablePlaces = new Set(Object.keys(tables));
  const ofRegisters = report.clauses.filter(({ id }) =>
    places.placesOf(id).some((place) => !tablePlaces.has(place.split('.')[0] ?? '')),
  );
  const blocks: Block[] = [
    {
      name: 'registers',
      at: hex(Math.min(...offsets)),
      title: `${offsets.length} registers`,
      page: 'trap',
      verdict: worst(ofRegisters) ?? 'none',
      href: undefined,
    },
    {
      name: 'configuration',
      at: hex(config.offset),
      title: 'as the device type says',
      page: 'trap',
      verdict: worst(places.about(CONFIGURATION)) ?? 'none',
      href: anchor('place', CONFIGURATION),
    },
  ];
  for (const { name, at, title, page, align } of Object.values(tables)) {
    blocks.push({
      name,
      at: `n×${hex(align)}`,
      title: `${title}, at ${at}`,
      page,
      verdict: worst(places.about(name)) ?? 'none',
      href: anchor('place', name),
    });
  }
  return blocks;
}
