/** Clauses that a layout takes from another, and those that stand for another's. */
import { describe, expect, it, test } from 'vitest';
import { loadLayout } from '../../spec/load.ts';
import { edit, packagedText, refusal, write } from './helpers.ts';

const native = loadLayout('native');
const msix = loadLayout('msix');

/** A copy of the msix layout in a folder of its own. */
const edited = (...replacements: [from: string | RegExp, to: string][]): string =>
  write({ 'msix.yaml': edit(packagedText('msix'), ...replacements) });

describe('a shared clause', () => {
  it('has the text, the origin and the position that it has where it is written', () => {
    const { text, origin, position } = msix.clause('MAP-RANGE');
    expect({ text, origin, position }).toEqual({
      text: native.clause('MAP-RANGE').text,
      origin: native.clause('MAP-RANGE').origin,
      position: native.clause('MAP-RANGE').position,
    });
  });

  it('has the places of the layout that takes it, and how it is to be read there', () => {
    expect(msix.clause('PBA-FIRE').places).toEqual(['pba', 'entry.vector-control']);
    expect(msix.clause('PBA-FIRE').text).toBe(
      `${native.clause('PBA-FIRE').text} This holds while enable is 1, and masked is by the vector's own bit or by the function mask.`,
    );
  });

  it('follows the file that it is from', () => {
    const file = write({
      'msix.yaml': packagedText('msix'),
      'native.yaml': edit(packagedText('native'), [
        'A value that is no vector, from the vector count up, leaves NO_VECTOR.',
        'Nothing else.',
      ]),
    });
    expect(loadLayout(file).clause('MAP-RANGE').text).toBe('Nothing else.');
  });

  it('is one of the packaged layout where no file is beside it', () => {
    const copy = loadLayout(edited(['title: virtio-mmio MSI', 'title: a copy of virtio-mmio MSI']));
    expect(copy.data.clauses.map(({ id }) => id)).toEqual(msix.data.clauses.map(({ id }) => id));
  });
});

describe('every clause of the native layout', () => {
  it('is shared, has a text of its own, or has one that stands for it; or it is about the mask table', () => {
    const left = native.data.clauses.map(({ id }) => id).filter((id) => !msix.hasClause(msix.clauseFor(id)));
    expect(left).toEqual(['MSK-RSVD']);
  });
});

describe('a clause that stands for another', () => {
  it('is what that one is called here', () => {
    expect(msix.clauseFor('MSK-HOLD')).toBe('VCT-HOLD');
    expect(native.clauseFor('MSK-HOLD')).toBe('MSK-HOLD');
    expect(msix.clauseFor('ENT-RW')).toBe('ENT-RW');
  });
});

describe('a field of a register', () => {
  it('stands for its bits times a unit plus a bias', () => {
    expect(msix.meaningOf('MsixCapability.table-size', 0xc7ff0011)).toBe(2048);
    expect(msix.meaningOf('MsixTable.offset', 0x00001007)).toBe(0x1000);
    expect(native.meaningOf('MsiVectorCount', 5)).toBe(5);
    for (const [place, value] of [
      ['MsixCapability.table-size', 1],
      ['MsixCapability.table-size', 2048],
      ['MsixPba.offset', 0xfffffff8],
    ] as const) {
      expect(msix.meaningOf(place, msix.bitsFor(place, value))).toBe(value);
    }
  });
});

describe('what is refused', () => {
  test('an id that is not there to share', () => {
    expect(refusal(edited(['      - MAP-RANGE\n', '      - MAP-RNAGE\n']))).toMatchSnapshot();
  });
  test('a file that is not there', () => {
    expect(
      refusal(edited(['  - from: ./native.yaml\n    places: &', '  - from: ./naitve.yaml\n    places: &'])),
    ).toMatchSnapshot();
  });
  test('a shared clause that is written again', () => {
    expect(refusal(edited(['- id: VCT-RW', '- id: MAP-BACK']))).toMatchSnapshot();
  });
  test('a table below the lowest place that it may have', () => {
    expect(refusal(edited(['default-offset: 0x1000\n', 'default-offset: 0x0800\n']))).toMatchSnapshot();
  });
  test('a switch that is not named', () => {
    expect(refusal(edited(['    enable: MsixCapability.enable\n', '']))).toMatchSnapshot();
  });
  test('a mask bit that is elsewhere', () => {
    expect(
      refusal(edited(['mask: { bits: 0,', 'mask: { bits: 5,'], ["bits: '31:1'", "bits: '31:6'"])),
    ).toMatchSnapshot();
  });
  test('a switch that is no field', () => {
    expect(refusal(edited(['enable: MsixCapability.enable', 'enable: MsixCapability.enabled']))).toMatchSnapshot();
  });
});
