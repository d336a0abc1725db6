/* What is this number? A button with data-explain opens its sentence, its formula and its freshness. */
(() => {
  const GAP = 6;
  let place = null;

  const make = () => {
    place = document.createElement("div");
    place.id = "explanation";
    place.className = "explanation";
    place.setAttribute("popover", "auto");
    place.setAttribute("role", "dialog");
    document.body.append(place);
  };

  const line = (style, text) => {
    const element = document.createElement("p");
    element.className = style;
    element.textContent = text;
    return element;
  };

  /** Below the button, or above it where there is no room, and never off the screen. */
  const put = (button) => {
    const at = button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = place;
    const below = at.bottom + GAP + height <= innerHeight;
    place.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    place.style.top = `${below ? at.bottom + GAP : Math.max(8, at.top - GAP - height)}px`;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-explain]");
    if (!button) return;
    if (!place) make();
    const { sentence, formula, fresh } = JSON.parse(button.dataset.explain);
    place.setAttribute("aria-label", button.textContent);
    place.replaceChildren(
      line("explanation-name", button.textContent),
      line("", sentence),
      line("explanation-formula", formula),
      line("explanation-fresh", fresh),
    );
    place.showPopover();
    put(button);
  });

  addEventListener("scroll", () => place?.hidePopover(), { passive: true, capture: true });
})();
