// A button to copy beside each command. Without the clipboard, as where a page from disk is refused it, the text is
// selected instead.
for (const place of document.querySelectorAll('.copy')) {
  const code = place.querySelector('code');
  if (!code) continue;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'copy';
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent ?? '');
      button.textContent = 'copied';
    } catch {
      getSelection()?.selectAllChildren(code);
      button.textContent = 'selected';
    }
  });
  place.append(button);
}
