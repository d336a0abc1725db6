/* The frame: what is chosen stands in the URL, and two stores follow it: `query` changes with the scope
   (profile, period, steps, comparison), `view` with that and with what a page itself lets choose.
   Choices are buttons with data-set="name=value", or what is typed within data-type="name"; links between
   pages carry data-go="/path"; what a button with data-act holds goes to the store `act`, whose callbacks
   do it. Enter in a field saves its form. */
(() => {
  const SCHEME = "mantine-color-scheme-value";
  const usualPlotly = "/_dash-component-suites/plotly/package_data/plotly.min.js";

  // The basic bundle draws all that this product draws, at a third of the weight. Dash names the file
  // here before it loads it with the first figure.
  let plotly = null;
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    get: () => plotly,
    set: (url) => {
      plotly = url.endsWith(usualPlotly) ? url.replace(usualPlotly, "/assets/vendor/plotly-basic.min.js?v=4.1.1") : url;
    },
  });

  // What Dash asks for: once the session has ended, back to the sign-in; when the server is away, say so.
  const ask = window.fetch;
  window.fetch = async (...request) => {
    const dash = String(request[0]?.url ?? request[0]).includes("/_dash-");
    try {
      const answer = await ask(...request);
      if (dash && answer.status === 401) {
        location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
      }
      if (dash && answer.status >= 500) away();
      return answer;
    } catch (error) {
      if (dash && error.name !== "AbortError") away();
      throw error;
    }
  };

  const away = () =>
    dash_clientside.set_props("toasts", {
      sendNotifications: [
        {
          action: "show",
          id: "away",
          color: "red",
          withBorder: true,
          radius: 12,
          message: "The server can't answer just now. Your data is safe; try again in a moment.",
        },
      ],
    });

  const FILTERS = ["referrer", "country", "device"];
  const SCOPE = ["profile", "period", "from", "to", "granularity", "compare", ...FILTERS];
  const KEPT = ["profile", "period", "from", "to", "compare"];

  const scopeOf = (search) => {
    const query = new URLSearchParams(search);
    return SCOPE.map((name) => query.get(name) ?? "").join(" ");
  };

  /** Hands a search to the stores that it changes. */
  const tell = (search) => {
    const { dataset } = document.body;
    if (scopeOf(search) !== scopeOf(dataset.view)) dash_clientside.set_props("query", { data: search });
    dataset.view = search;
    dash_clientside.set_props("view", { data: search });
  };

  const parameters = () => new URLSearchParams(location.search);

  /** The search string after `name=value` was chosen; what no longer fits is dropped. */
  const chosen = (changes) => {
    const query = parameters();
    if ("period" in changes || "from" in changes) {
      ["period", "from", "to", "granularity"].forEach((name) => query.delete(name));
    }
    if (FILTERS.some((name) => name in changes)) FILTERS.forEach((name) => query.delete(name));
    query.delete("cursor");
    Object.entries(changes).forEach(([name, value]) => (value === "" ? query.delete(name) : query.set(name, value)));
    const text = query.toString();
    return text ? `?${text}` : "";
  };

  /** Changes the URL and everything drawn from it, without loading the page anew. */
  const choose = (changes) => {
    const search = chosen(changes);
    if (search === location.search) return;
    history.pushState(null, "", location.pathname + search);
    tell(search);
  };

  /** Goes to another page of the product, keeping whose figures of which time are looked at. */
  const go = (path) => {
    const query = parameters();
    for (const name of [...query.keys()]) {
      if (!KEPT.includes(name)) query.delete(name);
    }
    const text = query.toString();
    visit(text ? `${path}?${text}` : path);
  };

  /** Goes to an address of the product without loading it anew. */
  const visit = (address) => {
    history.pushState(null, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };

  // A hash names a part of the page, which is there only once the page is drawn.
  let reached = "";
  new MutationObserver(() => {
    const address = location.href;
    const part = location.hash && reached !== address && document.getElementById(location.hash.slice(1));
    if (part && !document.querySelector("main .skeleton")) {
      reached = address;
      requestAnimationFrame(() => part.scrollIntoView()); // once sheet.js has built the tables above
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  const closeMenus = (except) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });

  document.addEventListener("click", (event) => {
    const setter = event.target.closest("[data-set]");
    const link = event.target.closest("[data-go], a.drill");
    if (setter) {
      const [name, ...value] = setter.dataset.set.split("=");
      closeMenus(null);
      choose({ [name]: value.join("=") });
    } else if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      closeMenus(null);
      if (link.dataset.go) go(link.dataset.go);
      else visit(link.getAttribute("href"));
    } else if (event.target.closest("#frame-theme")) {
      const root = document.documentElement;
      const scheme = root.getAttribute("data-mantine-color-scheme") === "dark" ? "light" : "dark";
      root.setAttribute("data-mantine-color-scheme", scheme);
      try {
        localStorage.setItem(SCHEME, scheme);
      } catch {
        // Storage is forbidden: the choice lasts as long as the page.
      }
    } else if (event.target.closest("[data-act]")) {
      const button = event.target.closest("[data-act]");
      dash_clientside.set_props("act", { data: { ...JSON.parse(button.dataset.act), at: Date.now() } });
      button.closest(".mantine-Notification-root")?.querySelector(".mantine-Notification-closeButton")?.click();
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
    closeMenus(event.target.closest("details.menu"));
  });

  // A search follows the typing, a moment behind.
  let typing;
  document.addEventListener("input", ({ target }) => {
    const name = target.closest("[data-type]")?.dataset.type;
    if (!name) return;
    clearTimeout(typing);
    typing = setTimeout(() => choose({ [name]: target.value.trim() }), 300);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.key === "Enter" && event.target.closest(".entry-form, .settings-form");
    if (form && event.target.matches("input:not([aria-haspopup], [type=checkbox])")) {
      form.querySelector(".button.filled").click();
    }
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // Back and forward within a page: Dash does not hear of searches that were set by choose().
  window.addEventListener("popstate", () => {
    const { dataset } = document.body;
    if (dataset.path === location.pathname && dataset.view !== location.search) tell(location.search);
  });

  const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

  /** Marks what is current among links and choices, for eye and screen reader alike. */
  const mark = (path, current) => {
    document.querySelectorAll("[data-go]").forEach((link) => {
      const within = link.closest(".nav") && path.startsWith(`${link.dataset.go}/`); // a page of the same family
      if (link.dataset.go === path) link.setAttribute("aria-current", "page");
      else if (within) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.href = link.dataset.go + location.search;
    });
    document.querySelectorAll(".bar [data-set]").forEach((button) => {
      const [name, value] = button.dataset.set.split("=");
      button.setAttribute("aria-pressed", String(current[name] === value));
    });
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    frame: {
      query: () => {
        const { dataset } = document.body;
        const { pathname: path, search } = location;
        const old = window.dash_clientside.no_update;
        if (dataset.path === path && dataset.view === search) return [old, old];
        const same = dataset.path === path && scopeOf(dataset.view) === scopeOf(search);
        dataset.path = path;
        dataset.view = search;
        return [same ? old : search, search];
      },

      labels: (search, path, facts) => {
        const query = new URLSearchParams(search || "");
        const asked = query.get("profile");
        const profile = asked ? facts.profiles.find((one) => one.id === asked) : facts.profiles[0];
        const period = query.get("period") || facts.usual[path] || "30d";
        const compare = query.get("compare") || "previous";
        const from = query.get("from");
        const day = (text) => dayMonth.format(new Date(`${text}T00:00Z`));
        const valid = [from, query.get("to")].every((text) => !text || !isNaN(new Date(`${text}T00:00Z`)));
        const to = query.get("to") ? day(query.get("to")) : "today";
        const name = from && valid ? `${day(from)} – ${to}` : facts.periods[period] || "Choose a period";
        mark(path, { profile: profile && profile.id, period: from ? null : period, compare });
        return [
          profile ? profile.name : asked ? "Unknown profile" : "No profile yet",
          !(profile && profile.demo),
          name,
          period === "all" && !from ? "" : `vs ${(facts.comparisons[compare] || "").toLowerCase()}`.replace("vs no comparison", ""),
        ];
      },

      range: (days) => {
        if (days && days[0] && days[1]) {
          closeMenus(null);
          choose({ from: days[0].slice(0, 10), to: days[1].slice(0, 10) });
        }
      },
    },
  });
})();
