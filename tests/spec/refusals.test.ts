/** Each refusal as a user reads it. The caret under the token is part of the text. */
import { expect, test } from 'vitest';
import { edit, editedBase, editedNative, packagedText, refusal, small, write } from './helpers.ts';

const snapshot = (title: string, file: () => string) => test(title, () => expect(refusal(file())).toMatchSnapshot());

// --- files and YAML -------------------------------------------------------------------------------------------------
snapshot('an empty file', () => write({ 'a.yaml': '' }));
snapshot('a file of comments', () => write({ 'a.yaml': '# nothing yet\n' }));
snapshot('a list at the root', () => write({ 'a.yaml': '- layout: a\n' }));
snapshot('a word at the root', () => write({ 'a.yaml': 'layout\n' }));
snapshot('a tab', () => editedNative(['    bit: 44', '\tbit: 44']));
snapshot('a bracket that is not closed', () => editedNative(['places: [MsiVectorCount]', 'places: [MsiVectorCount']));
snapshot('two slips of syntax', () =>
  editedNative(['page: direct', 'page: direct: trap'], ['mechanism: mask-table', 'mechanism: "mask-table']),
);
snapshot('a key that stands twice', () => editedNative(['    stride: 16\n', '    stride: 16\n    stride: 12\n']));
snapshot('a register that stands twice', () =>
  small(`registers:\n  Aa: { offset: 0, access: R }\n  Aa: { offset: 4, access: R }\n`),
);

snapshot('an alias of nothing', () => editedNative(['text: N, the number of vectors', 'text: *N']));
snapshot('a text that begins with a bracket', () => editedNative(['text: N, the number', 'text: [N], the number']));

// --- schema ---------------------------------------------------------------------------------------------------------
snapshot('nothing but a name', () => write({ 'a.yaml': 'layout: a\n' }));
snapshot('an unknown key at the root', () => small('registeres: {}\n'));
snapshot('an unknown key that hides a required one', () => editedNative(['offset: 0x0d8', 'offest: 0x0d8']));
snapshot('an access that does not exist', () =>
  editedNative(['offset: 0x0e0\n    access: RW', 'offset: 0x0e0\n    access: WR']),
);
snapshot('a level in small letters', () => editedNative(['level: SHOULD', 'level: should']));
snapshot('an unknown holds', () => editedNative(['holds: offered', 'holds: offerd']));
snapshot('an unknown mechanism', () => editedNative(['mechanism: mask-table', 'mechanism: masktable']));
snapshot('an offset that is no number', () => editedNative(['offset: 0x0d4', 'offset: Ox0d4']));
snapshot('a negative offset', () => editedNative(['offset: 0x0d4', 'offset: -4']));
snapshot('a clause without origin', () =>
  editedNative(['    origin: [{ MSI-X: Table Size and offsets are read-only }]\n', '']),
);
snapshot('a clause with no origin in its list', () =>
  editedNative(['    origin: [{ MSI-X: Table Size and offsets are read-only }]\n', '    origin: []\n']),
);
snapshot('a comma that splits a text', () =>
  editedNative(['text: the largest vector count,', 'text: the largest, and last, vector count,']),
);
snapshot('an origin that YAML takes for a number', () =>
  editedNative(["origin: [{ talk: '15:58' }]", 'origin: [{ talk: 15 }]']),
);
snapshot('a name that breaks the rule of its kind', () => editedNative(['  NO_VECTOR: {', '  No-Vector: {']));
snapshot('a bit table with a stride', () => editedNative(['    bits: 1\n', '    bits: 1\n    stride: 4\n']));
snapshot('a bad id', () => editedNative(['- id: HDR-COUNT', '- id: hdr_count']));

// --- registers ------------------------------------------------------------------------------------------------------
snapshot('an offset that another register has', () => editedNative(['offset: 0x0d8', 'offset: 0x0d4']));
snapshot('an offset moved onto a later register', () => editedNative(['offset: 0x0d4', 'offset: 0x0dc']));
snapshot('an offset of the base', () => editedNative(['offset: 0x0e4', 'offset: 0x0c0']));
snapshot('a base that moved onto a register of the layout above it', () =>
  write({
    'native.yaml': packagedText('native'),
    'virtio-mmio.yaml': edit(packagedText('virtio-mmio'), ['offset: 0x0c0', 'offset: 0x0d0']),
  }),
);
snapshot('an offset that is not aligned', () => editedNative(['offset: 0x0dc', 'offset: 0x0de']));
snapshot('a register in the configuration space', () => editedNative(['offset: 0x0e4', 'offset: 0x104']));
snapshot('a configuration space moved onto registers', () =>
  editedBase(['config: { offset: 0x100', 'config: { offset: 0x0b0']),
);
snapshot('a selector that does not exist', () => editedNative(['selector: QueueSel', 'selector: QueueSell']));
snapshot('a selector that cannot be written', () => editedNative(['selector: QueueSel', 'selector: QueueSizeMax']));
snapshot('a feature that does not exist', () =>
  editedNative(['feature: VIRTIO_F_MMIO_MSI', 'feature: VIRTIO_F_MIMO_MSI']),
);
snapshot('a constant that does not exist', () => editedNative(['reset: NO_VECTOR', 'reset: NO_VECTR']));
snapshot('a reset value wider than the register', () => editedNative(['reset: NO_VECTOR', 'reset: 0x100000000']));
snapshot('a constant register that can be written', () =>
  editedNative(['offset: 0x0d0\n    access: R', 'offset: 0x0d0\n    access: RW']),
);
snapshot('bits beyond 31', () => editedBase(["FAILED: { bits: '7' }", "FAILED: { bits: '32:7' }"]));
snapshot('bits the wrong way round', () => editedBase(["FAILED: { bits: '7' }", "FAILED: { bits: '7:8' }"]));
snapshot('bits that overlap', () => editedBase(["FAILED: { bits: '7' }", "FAILED: { bits: '7:6' }"]));
snapshot('a field whose reset value does not fit', () =>
  editedBase(["FAILED: { bits: '7' }", "FAILED: { bits: '7', reset: 2 }"]),
);

// --- tables ---------------------------------------------------------------------------------------------------------
snapshot('a table found through no register', () => editedNative(['at: MsiMaskOffset', 'at: MsiMaskOfset']));
snapshot('a table found through a register that cannot be read', () =>
  editedNative(['at: MsiMaskOffset', 'at: QueueNotify']),
);
snapshot('rows that no register tells', () => editedNative(['rows: MsiVectorCount', 'rows: MsiVectorCount.SIZE']));
snapshot('fields that overlap', () => editedNative(['data: { offset: 8,', 'data: { offset: 4,']));
snapshot('a field beyond the stride', () => editedNative(['stride: 16', 'stride: 12']));
snapshot('a stride that is no multiple of 4', () => editedNative(['stride: 16', 'stride: 18']));
snapshot('a place that is not aligned', () => editedNative(['default-offset: 0x1000', 'default-offset: 0x1010']));
snapshot('places that overlap with many vectors', () =>
  editedNative(['default-offset: { after: entry }', 'default-offset: 0x2000']),
);
snapshot('a place in the configuration space', () => editedNative(['default-offset: 0x1000', 'default-offset: 0']));
snapshot('a place after no table', () => editedNative(['{ after: entry }', '{ after: enrty }']));
snapshot('places that depend on each other', () => editedNative(['{ after: entry }', '{ after: pba }']));
snapshot('an alignment that is no power of two', () =>
  editedNative(['PAGE_SIZE: { value: 4096', 'PAGE_SIZE: { value: 4095']),
);

// --- features, constants, binding ------------------------------------------------------------------------------------
snapshot('a bit that another feature has', () => editedNative(['bit: 44', 'bit: 43']));
snapshot('a requirement that does not exist', () => editedNative(['[VIRTIO_F_VERSION_1]', '[VIRTIO_F_VERSION1]']));
snapshot('NO_VECTOR below the limit', () => editedNative(['NO_VECTOR: { value: 0xffff', 'NO_VECTOR: { value: 0x7ff']));
snapshot('a binding to no register', () =>
  editedNative(['config-vector: MsiConfigVector', 'config-vector: MsiConfVector']),
);
snapshot('a binding to no table', () => editedNative(['pending-table: pba', 'pending-table: pending']));
snapshot('a binding to no constant', () => editedNative(['no-vector: NO_VECTOR', 'no-vector: NOVECTOR']));

// --- clauses --------------------------------------------------------------------------------------------------------
snapshot('an origin without a source', () => editedNative(["{ talk: '15:58' }", "{ tlak: '15:58' }"]));
snapshot('an id that is taken', () => editedNative(['- id: HDR-RO', '- id: HDR-PLACE']));
snapshot('an id that the base has', () => editedNative(['- id: HDR-COUNT', '- id: ROB-WIDTH']));
snapshot('a refinement of nothing', () => editedNative(['refines: [DLV-SPURIOUS]', 'refines: [DLV-SPURIUOS]']));
snapshot('refinements in a circle', () => editedNative(['refines: [PBA-FIRE]', 'refines: [PBA-MERGE]']));
snapshot('a longer circle', () =>
  editedNative([
    '    places: [entry, mask]\n    origin: [{ MSI-X: a message stands',
    '    places: [entry, mask]\n    refines: [ENT-RSVD]\n    origin: [{ MSI-X: a message stands',
  ]),
);

// --- memory and device types -----------------------------------------------------------------------------------------
snapshot('a structure whose fields overlap', () => editedBase(['len: [8, 4]', 'len: [6, 4]']));
snapshot('a structure that ends too early', () => editedBase(['size: 16\n', 'size: 14\n']));
snapshot('a device id given twice', () => editedBase(['id: 3\n', 'id: 2\n']));

test('all problems of a file come at once, in the order of its lines', () => {
  const file = editedNative(
    ['bit: 44', 'bit: 43'],
    ['offset: 0x0d8', 'offset: 0x0d4'],
    ['page: direct', 'page: mapped'],
    ['refines: [ENT-QUIET]', 'refines: [ENT-QUITE]'],
    ['level: SHOULD', 'level: OUGHT'],
  );
  expect(refusal(file)).toMatchSnapshot();
});
