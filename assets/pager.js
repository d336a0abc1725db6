/* Another page of a list is read from its beginning. */
(() => {
  document.addEventListener("click", (event) => {
    const list = event.target.closest(".pager [data-set]")?.closest(".card");
    if (list && list.getBoundingClientRect().top < 0) list.scrollIntoView();
  });
})();
