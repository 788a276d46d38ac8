// Light, dark, or as the system has it. Runs in the head, so that the page never shows in the wrong colours first.
(() => {
  const KEY = 'conformance-report-theme';
  const CHOICES = ['auto', 'light', 'dark'];
  const root = document.documentElement;
  root.classList.add('script');

  // A page from disk may be refused any storage; the choice then lasts as long as the page.
  function stored() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  /** @param {string} theme */
  function apply(theme) {
    root.dataset.theme = theme;
    const button = document.getElementById('theme');
    if (button) {
      button.textContent = `colours: ${theme}`;
    }
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // See above.
    }
  }

  function next() {
    const at = CHOICES.indexOf(root.dataset.theme ?? 'auto');
    apply(CHOICES[(at + 1) % CHOICES.length] ?? 'auto');
  }

  const found = stored();
  apply(found !== null && CHOICES.includes(found) ? found : 'auto');
  document.addEventListener('DOMContentLoaded', () => {
    apply(root.dataset.theme ?? 'auto');
    document.getElementById('theme')?.addEventListener('click', next);
  });
  document.addEventListener('next-theme', next);
})();
