/** MSI-X on MMIO: masks are bits of the entries, all vectors can be masked at once, and an enable bit has to be set. */
import { Vectors } from './vectors.ts';

export class MsixVectors extends Vectors {
  /** Enables the capability under the function mask, so that nothing is sent before everything is written. */
  override open(): void {
    if (this.settings.enables === 'first') this.writeSwitches({ enable: true, functionMask: true });
  }

  override go(): void {
    this.writeSwitches({ enable: true, functionMask: false });
  }

  override mask(vectors: readonly number[]): void {
    for (const vector of vectors) this.change(vector, true);
  }

  override unmask(vectors: readonly number[]): void {
    for (const vector of vectors) this.change(vector, false);
  }

  /** Changes the mask bit of a vector; what is reserved in vector control stays as it was read. */
  change(vector: number, masked: boolean): void {
    const place = this.dword(vector, this.control.name);
    const before = this.registers.readAt(place);
    this.registers.writeAt(place, this.withMask(before, masked));
  }

  withMask(control: number, masked: boolean): number {
    const bit = this.control.maskBit;
    return (masked ? control | bit : control & ~bit) >>> 0;
  }

  writeSwitches({ enable, functionMask }: { enable: boolean; functionMask: boolean }): void {
    const [register = ''] = this.enablePlace.split('.');
    const { fields } = this.layout.register(register);
    const own = this.bitOf(this.enablePlace) | this.bitOf(this.functionMaskPlace);
    const kept = this.registers.read(register) & ~own & ~(fields.reserved?.mask ?? 0);
    const set = (enable ? this.bitOf(this.enablePlace) : 0) | (functionMask ? this.bitOf(this.functionMaskPlace) : 0);
    this.registers.write(register, (kept | set) >>> 0);
  }

  private bitOf(place: string): number {
    const [register = '', field = ''] = place.split('.');
    return this.layout.bit(register, field);
  }

  private get enablePlace(): string {
    return this.msi.other.enable ?? '';
  }

  private get functionMaskPlace(): string {
    return this.msi.other['function-mask'] ?? '';
  }

  private get control(): { name: string; maskBit: number } {
    const [, name = ''] = (this.msi.other['vector-control'] ?? '').split('.');
    const table = this.layout.table(this.msi.entryTable);
    const field = table.kind === 'entries' ? table.fields[name] : undefined;
    return { name, maskBit: field?.fields.mask?.mask ?? 0 };
  }
}
