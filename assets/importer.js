/* A file that is too large to be sent is refused here, before the browser reads it. */
(() => {
  const told = (event) => {
    const place = event.target.closest?.("[data-too-large]");
    const file = place && (event.dataTransfer ?? event.target).files?.[0];
    if (!file || file.size <= Number(place.dataset.largest)) return;
    const words = place.dataset.tooLarge.replace("{}", file.name);
    dash_clientside.set_props(place.dataset.problem, { children: words });
  };
  document.addEventListener("change", told, true);
  document.addEventListener("drop", told, true);

  // What became of the import will stand where the long preview stands now.
  document.addEventListener("click", (event) => {
    const preview = event.target.closest(".importer .button.filled")?.closest(".importer");
    if (preview && preview.getBoundingClientRect().top < 0) preview.scrollIntoView();
  });

  // The field behind the button has no name of its own, and needs no second stop of the keyboard.
  new MutationObserver(() => {
    for (const field of document.querySelectorAll("[data-too-large] input:not([aria-label])")) {
      field.setAttribute("aria-label", "A file to import");
      field.tabIndex = -1;
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
