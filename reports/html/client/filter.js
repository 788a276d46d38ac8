// Search and filter. What is chosen stands in the query of the address, so that a link shares it; an anchor behind it
// still works.
const form = /** @type {HTMLFormElement} */ (document.getElementById('filter'));
const shown = /** @type {HTMLOutputElement} */ (document.getElementById('shown'));
const nothing = /** @type {HTMLElement} */ (document.getElementById('nothing'));
const showAll = /** @type {HTMLButtonElement} */ (form.querySelector('[type=reset]'));
const SINGLE = ['q', 'level', 'area', 'place'];

/** @typedef {{ element: HTMLElement, data: DOMStringMap, text: string }} Item */

/** @type {NodeListOf<HTMLElement>} */
const elements = document.querySelectorAll('[data-clause]');
/** @type {Item[]} */
const items = [...elements].map((element) => ({ element, data: element.dataset, text: '' }));
/** @type {NodeListOf<HTMLElement>} */
const groups = document.querySelectorAll('[data-group]');
const isRow = (/** @type {Item} */ { element }) => element.tagName === 'TR';
const total = items.filter(isRow).length;

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement | HTMLSelectElement} */ (form.elements.namedItem(name));
/** @returns {HTMLInputElement[]} */
const boxes = () =>
  [...form.querySelectorAll('input[name=verdict]')].map((box) => /** @type {HTMLInputElement} */ (box));

/** What is chosen, as the query of an address. */
function chosen() {
  const query = new URLSearchParams();
  for (const name of SINGLE) if (field(name).value !== '') query.set(name, field(name).value);
  const verdicts = boxes().flatMap((box) => (box.checked ? box.value : []));
  if (verdicts.length > 0) query.set('verdict', verdicts.join(','));
  return query;
}

/** @param {URLSearchParams} query */
function choose(query) {
  for (const name of SINGLE) field(name).value = query.get(name) ?? '';
  const verdicts = (query.get('verdict') ?? '').split(',');
  for (const box of boxes()) box.checked = verdicts.includes(box.value);
}

/** @param {Item} item @param {URLSearchParams} query @param {string[]} words */
function matches(item, query, words) {
  const { data } = item;
  const [level, area, place, verdict] = ['level', 'area', 'place', 'verdict'].map((name) => query.get(name));
  if (level && data.level !== level) return false;
  if (area && data.area !== area) return false;
  if (verdict && !verdict.split(',').includes(data.verdict ?? '')) return false;
  if (place && !(data.places ?? '').split(' ').some((one) => one === place || one.startsWith(`${place}.`)))
    return false;
  if (words.length === 0) return true;
  // Taken when it is first asked for: a page of hundreds of programs has much text.
  item.text ||= `${data.clause} ${data.area} ${item.element.textContent}`.toLowerCase();
  return words.every((word) => item.text.includes(word));
}

function apply() {
  const query = chosen();
  const words = field('q').value.toLowerCase().split(/\s+/).filter(Boolean);
  const narrowed = [...query.keys()].length > 0;
  let count = 0;
  const visible = new Set();
  for (const item of items) {
    const isShown = !narrowed || matches(item, query, words);
    item.element.hidden = !isShown;
    if (isShown && isRow(item)) count++;
    if (isShown && !isRow(item)) visible.add(item.data.clause);
  }
  for (const group of groups) group.hidden = group.querySelector('tr[data-clause]:not([hidden])') === null;
  /** @type {NodeListOf<HTMLElement>} */
  const entries = document.querySelectorAll('[data-entry]');
  for (const entry of entries) entry.hidden = !visible.has(entry.dataset.entry);
  for (const fault of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.fault'))) {
    fault.hidden =
      narrowed &&
      (query.has('verdict') ||
        query.has('level') ||
        query.has('area') ||
        query.has('place') ||
        !words.every((word) => (fault.textContent ?? '').toLowerCase().includes(word)));
  }
  nothing.hidden = count > 0;
  showAll.hidden = !narrowed;
  const at = query.get('place');
  const all = `${total} clause${total === 1 ? '' : 's'}`;
  shown.textContent = narrowed ? `${count} of ${all}${at ? ` about ${at}` : ''}` : all;
  remember(query);
}

/** @param {URLSearchParams} query */
function remember(query) {
  const all = new URLSearchParams(location.search);
  for (const name of [...SINGLE, 'verdict']) all.delete(name);
  for (const [name, value] of query) all.set(name, value);
  const text = all.toString().replaceAll('%2C', ',');
  try {
    history.replaceState(null, '', `${location.pathname}${text && `?${text}`}${location.hash}`);
  } catch {
    // Where the address must not change, as in some viewers, the filter works all the same.
  }
}

form.addEventListener('input', apply);
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => {
  choose(new URLSearchParams());
  setTimeout(apply);
});
document.addEventListener('show-all', () => {
  choose(new URLSearchParams());
  apply();
});
document.addEventListener('click', (event) => {
  /** @type {HTMLElement | null | undefined} */
  const link = event.target instanceof Element ? event.target.closest('[data-filter]') : undefined;
  if (!link) return;
  choose(new URLSearchParams(link.dataset.filter));
  apply();
});

// A link to what the filter hides leads there all the same.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest('[hidden]')) document.dispatchEvent(new Event('show-all'));
  for (let up = target.closest('details'); up; up = up.parentElement?.closest('details') ?? null) up.open = true;
  const own = target.querySelector(':scope > details');
  if (own instanceof HTMLDetailsElement) own.open = true;
  target.scrollIntoView();
}

window.addEventListener('hashchange', reveal);
window.addEventListener('popstate', () => {
  choose(new URLSearchParams(location.search));
  apply();
});
// On a narrow screen the choices would fill it.
const choices = form.querySelector('details');
if (choices && matchMedia('(max-width: 40rem)').matches) choices.open = false;
choose(new URLSearchParams(location.search));
apply();
if (location.hash) reveal();
window.addEventListener('beforeprint', () => {
  for (const each of document.querySelectorAll('article details:not(.more)')) each.setAttribute('open', '');
});
