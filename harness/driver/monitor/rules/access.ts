/** Where, how wide and in which direction a driver may access: DRV-UNDEFINED, DRV-DIRECTION, DRV-WIDTH, DRV-SHM and theirs of MSI. */

import { WORD } from '../../../places.ts';
import { hex } from '../../../program.ts';
import type { Access } from '../../bus.ts';
import type { LogEntry } from '../../log.ts';
import type { Judge, Rule } from '../judge.ts';
import type { DeviceView } from '../view.ts';

const DOES = { read: 'reads', write: 'writes' } as const;

export class AccessRule implements Rule {
  look(entry: LogEntry, view: DeviceView, judge: Judge): void {
    if (entry.kind !== 'read' && entry.kind !== 'write') return;
    if (view.inConfig(entry.offset)) this.config(entry, view, judge);
    else this.registers(entry, view, judge);
  }

  private registers(access: Access, view: DeviceView, judge: Judge): void {
    const { offset, width } = access;
    const spot = view.spot(offset);
    const name = view.name(offset);
    const { layout } = view;
    const { msi } = layout;
    const ofMsi =
      spot.kind === 'entry' ||
      spot.kind === 'bits' ||
      (spot.kind === 'register' && msi !== undefined && spot.register.feature === msi.feature);
    if (msi && ofMsi && view.offers(msi.feature) === false) {
      const expected = `nothing is done with ${name}: the device does not offer ${msi.feature}`;
      judge.violate('DRV-OFFERED', expected, `the driver ${DOES[access.kind]} it`);
      return;
    }
    if (msi) judge.hit('DRV-OFFERED');
    if (spot.kind === 'undefined') {
      this.undefinedPlace(access, view, judge);
      return;
    }
    judge.hit('DRV-UNDEFINED');
    const isSharedMemory =
      spot.kind === 'register' &&
      [spot.register.name, spot.register.selector].includes('SHMSel') &&
      view.profile.deviceType;
    if (isSharedMemory) {
      const what = `a ${view.profile.deviceType?.name} device`;
      judge.violate(
        'DRV-SHM',
        `${name} is left alone: ${what} has no shared memory`,
        `the driver ${DOES[access.kind]} it`,
      );
    } else judge.hit('DRV-SHM');
    const widthClause = ofMsi ? 'DRV-ACCESS' : 'DRV-WIDTH';
    if (view.facts.widths) {
      judge.hit(widthClause);
      if (width !== 32 || offset % WORD !== 0) {
        const actual = `an access of ${width} bits at ${hex(offset)}`;
        judge.violate(widthClause, `${name} is accessed by 32 bits, aligned`, actual);
        return;
      }
    }
    const direction =
      spot.kind === 'register' ? spot.register.access : spot.kind === 'bits' ? tableAccess(view, spot.table) : 'RW';
    const isPending = spot.kind === 'bits' && spot.table === msi?.pendingTable;
    const clause = isPending ? 'DRV-PBA' : ofMsi ? 'DRV-ACCESS' : 'DRV-DIRECTION';
    judge.hit(clause);
    // Who uses the tables can leave this one alone.
    if (ofMsi && spot.kind !== 'register') judge.hit('DRV-PBA');
    if (access.kind === 'write' && direction === 'R') {
      judge.violate(
        clause,
        `${name} is not written: it is read-only`,
        `the driver writes ${hex(Number(access.value))}`,
      );
    }
    if (access.kind === 'read' && direction === 'W') {
      judge.violate(clause, `${name} is not read: it is write-only`, 'the driver reads it');
    }
  }

  private undefinedPlace(access: Access, view: DeviceView, judge: Judge): void {
    const { layout, profile } = view;
    const { offset } = access;
    const { msi } = layout;
    // Without the header nobody knows where the tables are, nor whether this is one.
    if (msi && !profile.msi && view.offers(msi.feature) !== false && offset > layout.data.config.offset) {
      if (!view.facts.profile) return;
    }
    for (const [name, base] of Object.entries(profile.msi?.tables ?? {})) {
      const table = layout.table(name);
      const end = base + layout.tableLength(name, profile.msi?.vectors ?? 0);
      if (offset < end || offset >= Math.ceil(end / table.align) * table.align || offset < base) continue;
      const many = `${profile.msi?.vectors} vector${profile.msi?.vectors === 1 ? '' : 's'}`;
      judge.violate(
        'DRV-COUNT',
        `nothing beyond the ${table.title} of ${many} is accessed`,
        `the driver ${DOES[access.kind]} ${hex(offset)}, and the table ends at ${hex(end)}`,
      );
      return;
    }
    const expected = 'only places that the register table or the device names are accessed';
    judge.violate('DRV-UNDEFINED', expected, `the driver ${DOES[access.kind]} ${hex(offset)}`);
  }

  private config(access: Access, view: DeviceView, judge: Judge): void {
    judge.hit('DRV-UNDEFINED');
    if (!view.facts.widths) return;
    judge.hit('DRV-WIDTH');
    const { offset, width } = access;
    const at = offset - view.layout.data.config.offset;
    const place = `Config+${at}`;
    if (width === 64) {
      judge.violate('DRV-WIDTH', `${place}: a field of 64 bits is accessed as two of 32`, 'an access of 64 bits');
    } else if (offset % (width / 8) !== 0) {
      judge.violate('DRV-WIDTH', `${place} is accessed by its own alignment`, `an access of ${width} bits`);
    } else {
      const fields = Object.entries(view.profile.deviceType?.config ?? {});
      const [name, field] = fields.find(([, one]) => at + width / 8 > one.offset && at < one.offset + one.size) ?? [];
      const right = field && Math.min(32, field.size * 8);
      if (right === undefined || right === width) return;
      judge.violate('DRV-WIDTH', `${name} (${place}) is accessed by ${right} bits`, `an access of ${width} bits`);
    }
  }
}

function tableAccess(view: DeviceView, name: string): string {
  const table = view.layout.table(name);
  return table.kind === 'bits' ? table.access : 'RW';
}
