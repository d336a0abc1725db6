/* The stream: a row for each thing that happened, newest first. [data-stream] holds what the server knew,
   live messages go on from there. Views that come too quickly to be read become one row for their second.
   What others wrote is set as text, never as markup. */
(() => {
  const VIEWS = 200;
  const OTHERS = 100;
  const READABLE = 3; // views of one second that stand for themselves
  const NEAR = 12; // rows among which a second is looked for: several senders are not quite in order
  const REMEMBERED = 12_000;
  const NEW = 60_000;
  const NAMES = {
    "profile-view": ["view", "views", "eye", "View"],
    "gift-purchased": ["gift", "gifts", "gifts", "Gift"],
    "booking-completed": ["booking", "bookings", "calendar", "Booking"],
    "subscription-charged": ["subscription", "subscriptions", "repeat", "Subscription"],
    "affiliate-earned": ["affiliate", "affiliate", "revenue", "Affiliate"],
    "transaction-refunded": ["refund", "refunds", "refund", "Refund"],
    "gov-alert": ["alert", "government", "alert", "Government visit"],
  };

  let place = null; // where the rows stand
  let about = {}; // whose they are, and how they are written
  let rows = []; // newest first
  let tail = []; // messages that came live, for when the server's are read again
  let known = new Set();
  let paused = false;
  let hovered = false;
  let fresh = 0;
  let filter = new URLSearchParams(location.search).get("show") ?? "";

  const make = (tag, style, text) => {
    const element = document.createElement(tag);
    if (style) element.className = style;
    if (text) element.textContent = text;
    return element;
  };

  const icon = (name) => {
    const element = make("span", `icon icon-${name}`);
    element.setAttribute("aria-hidden", "true");
    return element;
  };

  // What is known.

  const passes = ({ kind, gov }) => !filter || kind === filter || (filter === "government" && gov);

  const rowOf = ({ event, eventId, data }, first) => {
    const [style, kind, drawing, name] = NAMES[event];
    const at = Date.parse(data.timestamp ?? data.detectedAt ?? "") || Date.now();
    return { key: eventId, style, kind, drawing, name, at, data, gov: data.isGov === true, many: 1, first };
  };

  /** Adds what a message tells; returns whether it is of the kinds that are shown. */
  const add = (message, first = false) => {
    if (!(message.event in NAMES) || known.has(message.eventId)) return false;
    known.add(message.eventId);
    if (known.size > REMEMBERED) known.delete(known.values().next().value);
    const row = rowOf(message, first);
    if (!(row.kind === "views" && !row.gov && gathered(row))) rows.unshift(row);
    trim(row.kind === "views");
    return passes(row);
  };

  /** Whether the view went into a row that stands for its second, as there are too many to read. */
  const gathered = (row) => {
    const second = Math.floor(row.at / 1_000);
    const near = [];
    for (const each of rows.slice(0, NEAR)) {
      if (each.kind !== "views" || each.gov) break;
      if (Math.floor(each.at / 1_000) === second) near.push(each);
    }
    const group = near.find(({ many }) => many > 1);
    if (!group && near.length < READABLE) return false;
    const one = group ?? { ...near[0], addresses: new Set(), key: `second-${near.at(-1).key}` };
    if (!group) {
      near.forEach(({ data }) => one.addresses.add(data.ip));
      one.many = near.length;
      rows = rows.filter((each) => !near.includes(each));
      rows.unshift(one);
    }
    one.addresses.add(row.data.ip);
    one.many += 1;
    one.changed = true;
    return true;
  };

  const trim = (views) => {
    const kept = views ? VIEWS : OTHERS;
    const same = rows.filter(({ kind }) => (kind === "views") === views);
    if (same.length > kept) rows.splice(rows.lastIndexOf(same.at(-1)), 1);
  };

  // How it is written.

  const country = (code) => {
    try {
      return about.region.of(code.toUpperCase());
    } catch {
      return code;
    }
  };

  const money = ({ amount, currency }) => {
    try {
      return new Intl.NumberFormat(about.numbers, { style: "currency", currency }).format(amount);
    } catch {
      return `${amount} ${currency}`;
    }
  };

  const joined = (...parts) => parts.filter(Boolean).join(" · ");

  const details = {
    view: ({ data, many, addresses }) =>
      many > 1
        ? ["", `from ${about.count.format(addresses.size)} ${addresses.size === 1 ? "address" : "addresses"} in this second`]
        : [data.ip ?? "Address not known", joined(data.organization, data.country && country(data.country), data.source)],
    gift: ({ data }) => [data.giftName ?? data.category ?? data.giftId ?? "", data.giftName ? data.category ?? "" : ""],
    booking: ({ data }) => [data.partnerId ? "" : data.bookingId ?? "", data.partnerId ? `with ${data.partnerId}` : ""],
    subscription: ({ data }) => ["", data.interval ? `every ${data.interval}` : ""],
    affiliate: ({ data }) => [data.itemName ?? "", ""],
    refund: ({ data }) => ["", data.transactionType ? `of a ${data.transactionType}` : ""],
    alert: ({ data }) => [
      data.ip ?? "",
      joined(data.organization, data.country && country(data.country), sure(data.confidence)),
    ],
  };

  const sure = (confidence) => (Number(confidence) ? `${about.percent.format(confidence)} sure` : "");

  const fill = (element, row) => {
    const { style, name, many, at, gov, data } = row;
    const [what, more] = details[style](row);
    const older = about.day.format(at) !== about.day.format(Date.now());
    const time = make("time", "event-time", (older ? about.moment : about.clock).format(at));
    time.dateTime = new Date(at).toISOString();
    const title = make("span", "event-name", many > 1 ? `${about.count.format(many)} views` : name);
    const text = make("span", "event-text");
    if (what) {
      const exact = make("bdi", "", what);
      exact.title = what;
      text.append(exact);
    }
    if (gov) {
      const flag = make("span", "event-flag", "Government");
      flag.prepend(icon("alert"));
      text.append(flag);
    }
    if (more) text.append(make("span", "muted", more));
    const refunded = style === "refund" ? "\u2212" : "";
    element.replaceChildren(time, icon(row.drawing), title, text);
    if (data.amount) element.append(make("span", "event-amount", refunded + money(data)));
  };

  const elementOf = (row) => {
    if (!row.element) {
      row.element = make("li", `event event-${row.style}${row.gov ? " event-gov" : ""}${row.first ? "" : " arrived"}`);
      fill(row.element, row);
    } else if (row.changed) {
      fill(row.element, row);
    }
    row.changed = false;
    return row.element;
  };

  const here = () => place?.isConnected;
  const held = () => paused || hovered || (here() && place.scrollTop > 4);

  /** Makes what stands there what is known, touching only what differs. */
  const paint = () => {
    if (!here()) return;
    const shown = rows.filter(passes).map(elementOf);
    const kept = new Set(shown);
    [...place.children].forEach((element) => kept.has(element) || element.remove());
    let next = place.firstChild;
    for (const element of shown) {
      if (element === next) next = next.nextSibling;
      else place.insertBefore(element, next);
    }
    fresh = 0;
    place.hidden = !shown.length;
    place.parentElement.querySelector(".events-empty").hidden = rows.length > 0;
    place.parentElement.querySelector(".events-none").hidden = !rows.length || shown.length > 0;
    say();
  };

  /** What the buttons above the rows say. */
  const say = () => {
    const more = document.getElementById("realtime-fresh");
    const pause = document.getElementById("realtime-pause");
    if (!more || !pause) return;
    more.hidden = !fresh;
    more.lastChild.textContent = `${about.count?.format(fresh) ?? fresh} new`;
    pause.lastChild.textContent = paused ? "Resume" : "Pause";
    pause.firstChild.className = `icon icon-${paused ? "play" : "pause"}`;
    pause.classList.toggle("filled", paused);
    const note = document.getElementById("realtime-note");
    note.textContent = NOTES[window.live.state] ?? (paused ? "Paused: what comes is kept." : newest());
  };

  const newest = () => (about.zone ? `Newest first. Times in ${about.zone.replaceAll("_", " ")}.` : "Newest first.");

  const NOTES = {
    reconnecting: "Not connected. What you miss comes when it is back.",
    offline: "This browser is offline. What you miss comes later.",
    waiting: "The server waits for Redis. What you miss comes later.",
    refused: "Signed out. Sign in again to go on.",
  };

  const release = () => {
    if (!held()) paint();
  };

  const setPaused = (value) => {
    paused = value;
    window.live.hold(paused);
    if (paused) say();
    else {
      if (here()) place.scrollTop = 0;
      paint();
    }
  };

  // Where it comes from.

  const start = (list) => {
    const data = JSON.parse(list.dataset.stream);
    const { profile, zone, numbers, words, messages, position } = data;
    if (about.profile !== profile) tail = tail.filter(({ of }) => of === profile);
    about = {
      profile,
      zone,
      numbers,
      count: new Intl.NumberFormat(numbers, { useGrouping: "always" }),
      percent: new Intl.NumberFormat(numbers, { style: "percent" }),
      clock: new Intl.DateTimeFormat(words, { timeStyle: "medium", timeZone: zone }),
      moment: new Intl.DateTimeFormat(words, { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZone: zone }),
      day: new Intl.DateTimeFormat("en", { dateStyle: "short", timeZone: zone }),
      region: new Intl.DisplayNames("en", { type: "region" }),
    };
    place = list;
    place.replaceChildren();
    rows = [];
    known = new Set();
    for (const message of messages) add(message, true);
    for (const { message } of tail) {
      if (!position || window.live.later(message.id, position)) add(message, true);
    }
    hovered = false;
    paint();
    place.onscroll = release;
    place.onpointerenter = ({ pointerType }) => (hovered = pointerType === "mouse");
    place.onpointerleave = () => {
      hovered = false;
      release();
    };
    if (position) window.live.since(profile, position);
  };

  document.addEventListener("live:messages", ({ detail: { profile, messages } }) => {
    for (const message of messages) {
      if (message.event in NAMES && message.id) tail.push({ of: profile, message });
    }
    tail = tail.slice(-(VIEWS + OTHERS));
    if (about.profile !== profile || !here()) return;
    const came = messages.filter((message) => add(message));
    if (held()) {
      fresh += came.length;
      say();
    } else paint();
    tellAloud(came);
  });

  /** Gifts and government visits are read out; a hundred views a second are not. */
  const tellAloud = (messages) => {
    const said = messages.filter(({ event, data }) => {
      const recent = Date.now() - Date.parse(data.timestamp ?? Date.now()) < NEW;
      return recent && ["gift-purchased", "gov-alert"].includes(event);
    });
    const last = said.at(-1);
    const log = document.getElementById("realtime-said");
    if (!last || !log) return;
    const [, , , name] = NAMES[last.event];
    log.textContent = joined(name, last.data.amount && money(last.data), last.data.organization);
  };

  document.addEventListener("live:state", say);
  document.addEventListener("live:gap", () => {
    tail = [];
  });

  document.addEventListener("click", ({ target }) => {
    if (target.closest("#realtime-pause")) setPaused(!paused);
    else if (target.closest("#realtime-fresh")) setPaused(false);
  });

  const look = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    if (node.matches("[data-stream]")) start(node);
    else node.querySelectorAll("[data-stream]").forEach(start);
  };

  const left = () => {
    if (place && !place.isConnected && paused) setPaused(false);
  };

  new MutationObserver((changes) => {
    for (const { type, target, addedNodes, removedNodes } of changes) {
      if (type === "attributes") start(target);
      else addedNodes.forEach(look);
      if (removedNodes.length) left();
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-stream"] });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    realtime: {
      /** What the URL says is to be shown. */
      choose: (search) => {
        filter = new URLSearchParams(search || "").get("show") ?? "";
        document.querySelectorAll(".stream-kinds [data-set]").forEach((button) => {
          button.setAttribute("aria-pressed", String(button.dataset.set === `show=${filter}`));
        });
        if (here()) place.scrollTop = 0;
        paint();
      },
    },
  });
})();
