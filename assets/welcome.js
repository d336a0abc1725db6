/* First run: chooses the time zone of the browser, as long as nobody chose another. */
(() => {
  const zone = document.querySelector("select[name=timezone]");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && zone.value === "UTC" && own && [...zone.options].some((option) => option.value === own)) {
    zone.value = own;
  }
})();
