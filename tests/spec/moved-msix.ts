/** MSI-X on MMIO where every number of it is another one, made from the shipped YAML. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { edit, packagedText } from './helpers.ts';

/** @returns the path of the layout, which is called `moved` */
export function writeMovedMsix(folder: string): string {
  const file = join(folder, 'moved.yaml');
  writeFileSync(
    file,
    edit(
      packagedText('msix'),
      ['layout: msix\n', 'layout: moved\n'],
      ['offset: 0x0d8', 'offset: 0x0ec'],
      ['offset: 0x0d0', 'offset: 0x0d8'],
      ['bit: 45', 'bit: 47'],
      ['value: 0xffff,', 'value: 0xffffffff,'],
      ["table-size: { bits: '26:16'", "table-size: { bits: '29:19'"],
      ["reserved: { bits: '29:27'", "reserved: { bits: '31:30'"],
      ['function-mask: { bits: 30', 'function-mask: { bits: 17'],
      ['enable: { bits: 31', 'enable: { bits: 16'],
      ['stride: 16', 'stride: 24'],
      ['address-low: { offset: 0', 'address-low: { offset: 8'],
      ['address-high: { offset: 4', 'address-high: { offset: 12'],
      ['data: { offset: 8', 'data: { offset: 20'],
      ['        offset: 12\n', '        offset: 0\n'],
      ['default-offset: 0x1000', 'default-offset: 0x3000'],
      [/unit: 8/g, 'unit: 16'],
      [/'31:3'/g, "'31:4'"],
      [/align: 8/g, 'align: 16'],
    ),
  );
  return file;
}
