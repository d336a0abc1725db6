/* The figures of the Real-time page: [data-figures] says which there are. They follow each engagement-update;
   what goes by without a message (a visitor who left, a day that ended) is asked for once a minute. */
(() => {
  const MINUTE = 60_000;
  const SPREAD = 5_000; // not every browser asks in the same second
  const MINUS = "\u2212";

  const figures = () => document.querySelector("[data-figures]");

  const written = {
    count: (value, numbers) => new Intl.NumberFormat(numbers, { useGrouping: "always" }).format(value),
    ratio: (value, numbers) =>
      new Intl.NumberFormat(numbers, { style: "percent", minimumFractionDigits: value ? 1 : 0, maximumFractionDigits: 1 })
        .format(value)
        .replace("-", MINUS),
  };

  const put = (key, text) => {
    const id = `realtime-${key}`;
    const place = document.getElementById(id); // none while its box is drawn
    if (place && place.textContent !== text) dash_clientside.set_props(id, { children: text });
  };

  const draw = (data) => {
    const { numbers, units } = JSON.parse(figures().dataset.figures);
    for (const [key, unit] of Object.entries(units)) {
      const value = data[key];
      put(key, value === null || value === undefined ? "–" : written[unit](Number(value), numbers));
    }
    if (data.activeVisitors) {
      put("last5", written.count(data.activeVisitors.last5Minutes, numbers));
      put("last30", written.count(data.activeVisitors.last30Minutes, numbers));
    }
  };

  document.addEventListener("live:messages", ({ detail: { profile, messages } }) => {
    const place = figures();
    if (!place || JSON.parse(place.dataset.figures).profile !== profile) return;
    const last = messages.findLast(({ event }) => event === "engagement-update");
    if (last) draw(last.data);
  });

  const ask = (store) => {
    if (!document.getElementById("realtime-note")) return;
    asked = Date.now();
    dash_clientside.set_props(store, { data: asked });
  };

  let asked = Date.now();
  setInterval(() => {
    if (!document.hidden && Date.now() - asked > MINUTE) ask("realtime-again");
  }, MINUTE / 4 + Math.random() * SPREAD);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked > MINUTE) ask("realtime-again");
  });
  document.addEventListener("live:gap", () => ask("realtime-anew"));

  let before = null;
  document.addEventListener("live:state", ({ detail: state }) => {
    if (state === "live" && ["reconnecting", "offline", "waiting"].includes(before)) ask("realtime-again");
    before = state;
  });
})();
