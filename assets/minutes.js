/* The last hour by the minute: [data-minutes] holds what the server counted, and each view that is told
   moves it on. Bars are plain boxes; the values stand in the table behind the toggle as well. */
(() => {
  const MINUTE = 60_000;
  const SPAN = 60;
  const LABELLED = 20;
  const STEPS = [1, 2, 5];
  const KNOWN = 6_000;

  let chart = null;
  const told = []; // views that came lately, {id, at}: the server may have counted before them

  const make = (tag, style, text) => {
    const element = document.createElement(tag);
    element.className = style;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  /** The least round number that is as high, for the top line. */
  const top = (most) => {
    for (let power = 1; ; power *= 10) {
      const step = STEPS.find((each) => each * power * 2 >= most);
      if (step) return step * power * 2;
    }
  };

  const start = (place) => {
    const { profile, zone, now, minute, views, position, numbers, words } = JSON.parse(place.dataset.minutes);
    const count = new Intl.NumberFormat(numbers, { useGrouping: "always" });
    const clock = new Intl.DateTimeFormat(words, { hour: "numeric", minute: "2-digit", timeZone: zone });
    const skew = Date.now() - Date.parse(now); // this machine's clock may be wrong
    chart = { place, profile, position, count, clock, skew, last: Date.parse(minute), views: [...views] };
    for (const { id, at, of } of told) {
      if (of === profile && position && window.live.later(id, position)) add(at);
    }
    build();
    draw();
  };

  const build = () => {
    const { place } = chart;
    const lines = make("div", "minutes-lines");
    chart.marks = [1, 0.5, 0].map((part) => {
      const line = make("div", "minutes-line");
      const label = make("span", "");
      line.style.bottom = `${part * 100}%`;
      line.append(label);
      lines.append(line);
      return { part, label };
    });
    const bars = make("div", "minutes-bars");
    chart.bars = chart.views.map(() => {
      const slot = make("div", "minutes-slot");
      slot.append(make("div", "minutes-bar"));
      bars.append(slot);
      return slot;
    });
    chart.bars.at(-1).classList.add("running");
    chart.feet = make("div", "minutes-feet");
    chart.tip = make("div", "minutes-tip");
    chart.tip.hidden = true;
    lines.append(make("p", "minutes-none", "No views in the last hour."));
    bars.addEventListener("pointermove", point);
    bars.addEventListener("pointerleave", () => (chart.tip.hidden = true));
    lines.append(bars, chart.tip);
    place.replaceChildren(lines, chart.feet);
    chart.table = place.parentElement.querySelector(".as-table");
    chart.table.ontoggle = list;
  };

  /** Counts a view at its minute; what is older than the chart is in none of its bars. */
  const add = (at) => {
    move();
    const index = SPAN - 1 - Math.floor((chart.last + MINUTE - 1 - at) / MINUTE);
    if (index >= 0) chart.views[Math.min(index, SPAN - 1)] += 1;
  };

  /** Goes on to the minute that runs now. */
  const move = () => {
    while (Date.now() - chart.skew >= chart.last + MINUTE) {
      chart.last += MINUTE;
      chart.views.push(0);
      chart.views.shift();
    }
  };

  const minuteOf = (index) => chart.clock.format(chart.last - (SPAN - 1 - index) * MINUTE);
  const wordsOf = (views) => `${chart.count.format(views)} ${views === 1 ? "view" : "views"}`;

  const draw = () => {
    const { views, bars, marks, feet } = chart;
    const high = top(Math.max(...views));
    views.forEach((value, index) => {
      bars[index].firstChild.style.height = `${(value / high) * 100}%`;
    });
    for (const { part, label } of marks) label.textContent = chart.count.format(part * high);
    if (chart.footed !== chart.last) {
      chart.footed = chart.last;
      feet.replaceChildren(
        ...bars.flatMap((_, index) => {
          const labelled = (chart.last / MINUTE - (SPAN - 1 - index)) % LABELLED === 0;
          if (!labelled || index > SPAN - 4) return [];
          const foot = make("span", "", minuteOf(index));
          foot.style.left = `${((index + 0.5) / SPAN) * 100}%`;
          return [foot];
        }),
      );
    }
    chart.place.classList.toggle("none", !views.some(Boolean));
    list();
  };

  const list = () => {
    const { table, views } = chart;
    if (!table?.open) return;
    const lines = views.map((value, index) => ({ style: "", cells: [minuteOf(index), chart.count.format(value)] }));
    table.querySelector(".table-scroll").dataset.sheet = JSON.stringify({
      style: "table",
      heading: 0,
      columns: [{ name: "Minute" }, { name: "Views", style: "number" }],
      lines: lines.reverse(),
    });
  };

  const point = ({ target }) => {
    const slot = target.closest(".minutes-slot");
    const index = chart.bars.indexOf(slot);
    if (index < 0) return;
    const { tip } = chart;
    tip.textContent = `${minuteOf(index)}${index === SPAN - 1 ? ", so far" : ""}: ${wordsOf(chart.views[index])}`;
    tip.hidden = false;
    tip.style.left = `${Math.min(Math.max(((index + 0.5) / SPAN) * 100, 12), 88)}%`;
  };

  document.addEventListener("live:messages", ({ detail: { profile, messages } }) => {
    let changed = false;
    for (const { id, event, data } of messages) {
      if (event !== "profile-view" || !id) continue;
      const at = Date.parse(data.timestamp);
      told.push({ id, at, of: profile });
      if (chart?.profile === profile && chart.place.isConnected) {
        // What the server counted already comes again where the connection began before it.
        if (chart.position && !window.live.later(id, chart.position)) continue;
        add(at);
        changed = true;
      }
    }
    if (told.length > KNOWN) told.splice(0, told.length - KNOWN);
    if (changed) draw();
  });

  setInterval(() => {
    if (!chart?.place.isConnected) return;
    const { last } = chart;
    move();
    if (last !== chart.last) draw();
  }, 1_000);

  const look = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.matches("[data-minutes]")) start(node);
    else node.querySelectorAll("[data-minutes]").forEach(start);
  };

  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") start(target);
      else addedNodes.forEach(look);
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-minutes"] });
})();
