// Takes a value apart into the fields of a register, as it is typed. Register and value stand in the address.

/** @typedef {{ name: string, high: number, low: number, unit?: number, bias?: number, value?: number, text?: string }} Field */
/** @typedef {{ name: string, fields: Field[], vectors?: true, names?: Record<string, string> }} Word */

const form = /** @type {HTMLFormElement} */ (document.getElementById('decode'));
const result = /** @type {HTMLElement} */ (document.getElementById('decoded'));
const register = /** @type {HTMLSelectElement} */ (form.elements.namedItem('reg'));
const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('value'));
/** @type {Word[]} */
const words = JSON.parse(document.getElementById('words')?.textContent ?? '[]');
const DIGITS = 8;

const hex = (/** @type {number} */ value) => `0x${value.toString(16).padStart(DIGITS, '0')}`;

/** @param {string} text @returns {number | string} the value, or what is wrong with the text */
function parse(text) {
  const digits = text.trim().replace(/^0x/i, '').replaceAll('_', '');
  if (!/^[0-9a-f]+$/i.test(digits)) return `“${text.trim()}” is no hexadecimal number: digits are 0 to 9 and a to f.`;
  if (digits.replace(/^0+/, '').length > DIGITS) return `“${text.trim()}” has more than the 32 bits of a register.`;
  return Number.parseInt(digits, 16);
}

/** @param {number} value @param {Field} field */
function bitsOf(value, { high, low }) {
  return Number((BigInt(value) >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n));
}

/** @param {number} value @param {Field} field */
function remark(value, field) {
  const { unit = 1, bias = 0, text } = field;
  const parts = [];
  if (unit !== 1 || bias !== 0) parts.push(`stands for ${value * unit + bias}`);
  if (field.value !== undefined && field.value !== value) parts.push(`should read 0x${field.value.toString(16)}`);
  if (text) parts.push(text);
  return parts.join('; ');
}

/** @param {string} name @param {string[]} cells @param {boolean} isHead */
function row(name, cells, isHead = false) {
  const tr = document.createElement('tr');
  cells.forEach((text, at) => {
    const cell = document.createElement(isHead || at === 1 ? 'th' : 'td');
    if (cell.tagName === 'TH') cell.setAttribute('scope', isHead ? 'col' : 'row');
    cell.textContent = text;
    tr.append(cell);
  });
  if (name) tr.className = name;
  return tr;
}

/** @param {Word} word @param {number} value */
function rows(word, value) {
  const named = word.names?.[value];
  const whole = row('whole', ['31:0', word.name, named ? `${hex(value)} ${named}` : hex(value), String(value)]);
  if (word.vectors) {
    const set = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) =>
      bitsOf(value, { name: '', high: bit, low: bit }),
    );
    return [whole, ...set.map((bit) => row('', [String(bit), `vector ${bit} of word 0`, '1', '']))];
  }
  const fields = word.fields.map((field) => {
    const bits = bitsOf(value, field);
    const where = field.high === field.low ? String(field.low) : `${field.high}:${field.low}`;
    const wrong = field.value !== undefined && field.value !== bits;
    return row(wrong ? 'wrong' : bits === 0 ? 'zero' : '', [
      where,
      field.name,
      field.high - field.low < 4 ? String(bits) : `0x${bits.toString(16)}`,
      remark(bits, field),
    ]);
  });
  return [whole, ...fields, ...unnamed(word, value)];
}

/** Bits that are set and that no field has. @param {Word} word @param {number} value */
function unnamed(word, value) {
  if (word.fields.length === 0) return [];
  const covered = (/** @type {number} */ bit) => word.fields.some(({ high, low }) => bit >= low && bit <= high);
  const bits = Array.from({ length: 32 }, (_, bit) => bit).filter(
    (bit) => !covered(bit) && bitsOf(value, { name: '', high: bit, low: bit }),
  );
  return bits.length === 0 ? [] : [row('wrong', [bits.join(', '), 'no field', '1', 'the layout names no such bit'])];
}

function show() {
  const text = input.value;
  const word = words.find(({ name }) => name === register.value);
  result.replaceChildren();
  input.removeAttribute('aria-invalid');
  if (text.trim() === '' || !word) return;
  const value = parse(text);
  if (typeof value === 'string') {
    input.setAttribute('aria-invalid', 'true');
    const problem = document.createElement('p');
    problem.className = 'problem';
    problem.textContent = value;
    result.append(problem);
    return;
  }
  const table = document.createElement('table');
  table.className = 'fields';
  const [head, body] = [document.createElement('thead'), document.createElement('tbody')];
  head.append(row('', ['bits', 'field', 'value', 'meaning'], true));
  body.append(...rows(word, value));
  table.append(head, body);
  result.append(table);
}

function remember() {
  const query = new URLSearchParams(location.search);
  query.delete('reg');
  query.delete('value');
  if (input.value.trim() !== '') {
    query.set('reg', register.value);
    query.set('value', input.value.trim());
  }
  const text = query.toString().replaceAll('%2C', ',');
  try {
    history.replaceState(null, '', `${location.pathname}${text && `?${text}`}${location.hash}`);
  } catch {
    // The decoder works without it.
  }
}

function changed() {
  show();
  remember();
}

form.addEventListener('input', changed);
form.addEventListener('submit', (event) => event.preventDefault());
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('[data-decode]') : null;
  if (!(link instanceof HTMLElement)) return;
  register.value = link.dataset.decode ?? '';
  changed();
  setTimeout(() => input.focus());
});

const query = new URLSearchParams(location.search);
const reg = query.get('reg');
if (words.some(({ name }) => name === reg)) register.value = reg ?? '';
input.value = query.get('value') ?? '';
show();
