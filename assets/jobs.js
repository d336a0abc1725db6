/* A long task of the profile has moved on: the store `live-jobs` changes, at most twice a second, and when
   something may have been missed. A hidden tab looks when it is seen again. */
(() => {
  const PAUSE = 500;
  let due = null;
  let told = 0;

  const look = () => {
    if (document.hidden) return;
    due ??= setTimeout(() => {
      due = null;
      told = Date.now();
      dash_clientside.set_props("live-jobs", { data: told });
    }, Math.max(0, told + PAUSE - Date.now()));
  };

  document.addEventListener("live:messages", ({ detail }) => {
    if (detail.messages.some(({ event }) => event === "job")) look();
  });
  document.addEventListener("live:state", ({ detail }) => detail === "live" && look());
  document.addEventListener("live:gap", look);
  document.addEventListener("visibilitychange", look);
})();
