// The keyboard: `/` to the search, `j` and `k` between failures, Escape to show all again, `t` for the colours.
const KEY = 'conformance-report-keys';
const box = /** @type {HTMLInputElement} */ (document.getElementById('keys'));
const search = /** @type {HTMLInputElement} */ (document.querySelector('#filter input[type=search]'));

try {
  box.checked = localStorage.getItem(KEY) !== 'off';
} catch {
  // Without storage they are on.
}
box.addEventListener('change', () => {
  try {
    localStorage.setItem(KEY, box.checked ? 'on' : 'off');
  } catch {
    // The choice lasts as long as the page.
  }
});

/** Moves the focus to the next failure that is shown. @param {1 | -1} direction */
function step(direction) {
  /** @type {HTMLElement[]} */
  const failures = [...document.querySelectorAll('article.violation')].flatMap((one) =>
    one instanceof HTMLElement && !one.hidden ? one : [],
  );
  const current = failures.findIndex((one) => one.contains(document.activeElement));
  const next = current === -1 ? (direction === 1 ? 0 : failures.length - 1) : current + direction;
  const target = failures[Math.min(Math.max(next, 0), failures.length - 1)];
  if (!target) return;
  const details = target.querySelector(':scope > details');
  if (details instanceof HTMLDetailsElement) details.open = true;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: 'start' });
}

/** @param {EventTarget | null} target */
function takesText(target) {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === 'Escape') {
    if (takesText(event.target) && event.target !== search) return;
    document.dispatchEvent(new Event('show-all'));
    if (event.target instanceof HTMLElement) event.target.blur();
    return;
  }
  if (!box.checked || takesText(event.target)) return;
  if (event.key === 'j') step(1);
  else if (event.key === 'k') step(-1);
  else if (event.key === 't') document.dispatchEvent(new Event('next-theme'));
  else if (event.key === '/') {
    event.preventDefault();
    search.focus();
    search.scrollIntoView({ block: 'nearest' });
    search.select();
  }
});
