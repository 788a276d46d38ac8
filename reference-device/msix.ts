import type { EntryTable } from '../spec/layout.ts';
import { type EntryField, EntryRegisters } from './entries.ts';
import type { MechanismOptions } from './mechanism.ts';
import type { Place } from './placement.ts';
import type { Area } from './port.ts';
import { MsiTables } from './tables.ts';

/** The MSI-X table: vector control in the entry's last dword, with the mask bit. */
export class MsixTable extends EntryRegisters {
  readonly mask: number;

  constructor(mask: number, ...entries: ConstructorParameters<typeof EntryRegisters>) {
    super(...entries);
    this.mask = mask;
  }

  override readPart(v: number, part: EntryField | undefined): number {
    return part === 'control' ? this.readControl(v) : super.readPart(v, part);
  }

  override writePart(v: number, part: EntryField | undefined, value: number): void {
    if (part === 'control') this.writeControl(v, value);
    else super.writePart(v, part, value);
  }

  readControl(v: number): number {
    return ((this.vectors.masks.get(v) ? this.mask : 0) | this.readReserved(v)) >>> 0;
  }

  writeControl(v: number, value: number): void {
    this.writeReserved(v, (value & ~this.mask) >>> 0);
    const masked = (value & this.mask) !== 0;
    if (masked !== this.vectors.masks.get(v)) this.vectors.setMask(v, masked);
  }
}

/** MSI-X as of PCI, on MMIO: mask bits in the entries, a function mask, and an enable bit. */
export class Msix extends MsiTables {
  readonly keepsStatus = true;
  enabled = false;
  functionMask = false;
  /** The in-place bits of the capability. */
  readonly ENABLE: number;
  readonly FUNCTION_MASK: number;

  constructor(options: MechanismOptions) {
    super(options);
    const { layout, msi } = options;
    const bit = (name: string): number => {
      const [register = '', field = ''] = (msi.other[name] ?? '').split('.');
      return layout.bit(register, field);
    };
    this.ENABLE = bit('enable');
    this.FUNCTION_MASK = bit('function-mask');
    const registerOf = (reference: string): string => reference.split('.')[0] ?? '';
    this.add(registerOf(msi.vectorCount), {
      read: () => this.readCapability(),
      write: (value) => this.writeCapability(value),
    });
    for (const [role, table] of [
      ['entry', msi.entryTable],
      ['pending', msi.pendingTable],
    ] as const) {
      const name = registerOf(layout.table(table).at);
      this.add(name, { read: () => this.readTablePlace(role), write: (value) => this.writeHeader(name, value) });
    }
  }

  get areas(): readonly Area[] {
    return [this.entries, this.pending];
  }

  /** The entries as what they are here. */
  get table(): MsixTable {
    return this.entries as MsixTable;
  }

  protected override makeEntries(table: EntryTable, place: Place): MsixTable {
    const { settings } = this.options;
    const mask = table.fields['vector-control']?.fields.mask?.mask ?? 1;
    return new MsixTable(mask, table, place, this.vectors, settings, () => this.accepts());
  }

  active(): boolean {
    return this.negotiated && this.enabled;
  }

  override reset(): void {
    super.reset();
    this.resetControl();
  }

  resetControl(): void {
    this.enabled = false;
    this.functionMask = false;
    this.applied();
  }

  override negotiate(on: boolean): void {
    super.negotiate(on);
    this.applied();
  }

  /** Whether events become messages may have changed: the line shows InterruptStatus, or is low. */
  applied(): void {
    this.options.line.mute(this.active());
    this.hold();
  }

  // --- capability ---

  readCapability(): number {
    const { layout, msi } = this.options;
    const control = (this.enabled ? this.ENABLE : 0) | (this.functionMask ? this.FUNCTION_MASK : 0);
    return (this.fixed() | layout.bitsFor(msi.vectorCount, this.readCount()) | control) >>> 0;
  }

  /** The bits that are what they are: capability ID and next pointer. */
  fixed(): number {
    const { layout, msi } = this.options;
    const [register = ''] = msi.vectorCount.split('.');
    return Object.values(layout.register(register).fields).reduce(
      (bits, { value = 0, low }) => (bits | (value << low)) >>> 0,
      0,
    );
  }

  readTablePlace(role: 'entry' | 'pending'): number {
    const { layout, msi } = this.options;
    const { at } = layout.table(role === 'entry' ? msi.entryTable : msi.pendingTable);
    return layout.bitsFor(at, this.readPlace(role));
  }

  writeCapability(value: number): void {
    if (!this.accepts()) return;
    this.writeControl((value & this.ENABLE) !== 0, (value & this.FUNCTION_MASK) !== 0);
  }

  /** Both bits are written at once; what they let go is sent in one go. */
  writeControl(enabled: boolean, functionMask: boolean): void {
    this.functionMask = functionMask;
    this.enabled = enabled;
    this.applied();
  }

  /** Vectors are held back by the function mask, and while messages are not what events become. */
  hold(): void {
    const held = this.functionMask || !this.active();
    if (held !== this.vectors.held) this.vectors.hold(held);
  }
}
