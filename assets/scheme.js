/* Runs before the first paint: the colour scheme that was chosen, else that of the system. */
(() => {
  const KEY = "mantine-color-scheme-value"; // Mantine's own, so that both agree
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Storage is forbidden: the system decides.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const scheme = chosen === "dark" || chosen === "light" ? chosen : system;
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
