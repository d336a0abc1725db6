/* Copies the text beside a button with data-copy. */
(() => {
  /** For pages that do not come by HTTPS, where browsers offer no clipboard. */
  const copySelected = (text) => {
    const chosen = document.getSelection();
    chosen.selectAllChildren(text);
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject(new Error("no clipboard"));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.parentElement.querySelector(".copy-text");
    const label = button.querySelector("span:last-child");
    const copied = navigator.clipboard ? navigator.clipboard.writeText(text.textContent) : copySelected(text);
    copied.then(
      () => (label.textContent = "Copied"),
      () => {
        document.getSelection().selectAllChildren(text);
        label.textContent = "Press Ctrl + C";
      },
    );
    setTimeout(() => (label.textContent = "Copy"), 2500);
  });
})();
