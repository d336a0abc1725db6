// Which pages are seen, and for how long. Stores nothing in the browser.
(({ src, dataset: { key } }) => {
if (navigator.doNotTrack === "1" || navigator.globalPrivacyControl || window[key]) return;
window[key] = true;

const uuid = () => URL.createObjectURL(new Blob()).slice(-36);
const utm = () => (location.search.match(/\butm_\w+=[^&]*/gi) || []).join("&").replace(/^./, "?$&");
const here = () => location.origin + location.pathname;
const tell = (event) => fetch(new URL("api/track", src), {
  method: "POST", keepalive: true, credentials: "omit",
  body: JSON.stringify({ ...event, key, sentAt: new Date() }),
}).catch(() => {});

const campaign = utm(), referrer = document.referrer.split(/[?#]/)[0];
let view, page, since, seconds;

const watch = (seen) => {
  if (since) {
    seconds += (performance.now() - since) / 1e3;
    tell({ ...view, durationSeconds: seconds });
  }
  since = seen && performance.now();
  if (seen && !view.timestamp) tell(view = { ...view, timestamp: new Date() });
};

const turn = (referrer) => {
  watch(false);
  page = here();
  view = { id: uuid(), eventType: "view", url: page + utm(), referrer };
  seconds = 0;
  watch(!document.hidden);
};
const moved = () => here() === page || turn(page);

for (const name of ["pushState", "replaceState"]) {
  const change = history[name];
  history[name] = (...to) => {
    change.apply(history, to);
    moved();
  };
}
addEventListener("popstate", moved);
addEventListener("pagehide", () => watch(false));
addEventListener("pageshow", (event) => event.persisted && turn(page));
document.addEventListener("visibilitychange", () => watch(!document.hidden));

addEventListener("click", (event) => {
  const found = event.target.closest?.("[data-track], [data-track-event]");
  if (!found || found.form?.matches(":invalid")) return;
  const { track: target, trackEvent: eventType = "click" } = found.dataset;
  tell({ id: uuid(), timestamp: new Date(), eventType, target, url: here() + campaign, referrer });
}, true);

turn(referrer);
})(document.currentScript);
