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
})();
