import type { Layout, MsiBinding } from '../spec/layout.ts';
import type { Settings, TableRole } from './settings.ts';

/** A table's place: bytes from the device's base. */
export interface Place {
  start: number;
  length: number;
}

/**
 * Where the tables of a device with `vectors` vectors are: at the layout's default places, or in the order that the
 * settings give.
 */
export function placeTables(
  layout: Layout,
  msi: MsiBinding,
  settings: Settings,
  vectors: number,
  firstFree: number,
): Partial<Record<TableRole, Place>> {
  const names: Record<TableRole, string | undefined> = {
    entry: msi.entryTable,
    mask: msi.maskTable,
    pending: msi.pendingTable,
  };
  const roles = (settings.tables?.order ?? (['entry', 'mask', 'pending'] as const)).filter((role) => names[role]);
  const places: Partial<Record<TableRole, Place>> = {};
  let behind = firstFree;
  for (const role of roles) {
    const name = names[role]!;
    const length = layout.tableLength(name, vectors);
    const { align, lowest = 0 } = layout.table(name);
    const start = settings.tables
      ? alignUp(Math.max(behind, lowest), align) + settings.tables.gap * align
      : defaultPlace(layout, name, vectors);
    places[role] = { start, length };
    behind = start + length;
  }
  return places;
}

function defaultPlace(layout: Layout, name: string, vectors: number): number {
  const table = layout.table(name);
  if (typeof table.defaultOffset === 'number') return table.defaultOffset;
  const { after } = table.defaultOffset;
  const { align = table.align } = table.defaultOffset;
  return alignUp(defaultPlace(layout, after, vectors) + layout.tableLength(after, vectors), align);
}

export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}
