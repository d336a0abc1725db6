/* Builds the tables of components/sheet.py: each [data-sheet] holds one as JSON. Text stays text. */
(() => {
  const make = (tag, style, text) => {
    const element = document.createElement(tag);
    if (style) element.className = style;
    if (text) element.textContent = text;
    return element;
  };

  const button = ({ icon, label, act }) => {
    const element = make("button", "control square small");
    element.type = "button";
    element.title = label;
    element.setAttribute("aria-label", label);
    element.dataset.act = JSON.stringify(act);
    const drawing = make("span", `icon icon-${icon}`);
    drawing.setAttribute("aria-hidden", "true");
    element.append(drawing);
    return element;
  };

  /** What is called `text`: words that explain themselves, a link, or plain text. */
  const named = (text, { explain, href, choose }) => {
    if (!explain && !href && !choose) return text;
    const element = make(href ? "a" : "button", explain ? "explain" : "drill", text);
    if (explain) {
      element.type = "button";
      element.dataset.explain = JSON.stringify(explain);
    } else if (choose) {
      element.type = "button";
      element.dataset.set = choose;
    } else {
      element.href = href;
    }
    return element;
  };

  const cell = (given, column, heading) => {
    const data = typeof given === "string" ? { text: given } : given;
    const element = make(heading ? "th" : "td", [column.style, data.style].filter(Boolean).join(" "));
    if (heading) element.scope = "row";
    if (data.title) element.title = data.title;
    if (data.bar !== undefined) {
      const bar = make("span", "bar-fill");
      bar.style.width = `${data.bar}%`;
      bar.style.background = `var(--${data.ink})`;
      const name = make("span", "bar-name");
      name.append(named(data.text, data));
      name.dir = "auto";
      name.title = data.text;
      element.append(bar, name);
    } else {
      if (data.prefix) element.append(make("span", "less", data.prefix));
      element.append(named(data.text || "", data));
      if (heading) element.dir = "auto";
    }
    if (data.note) element.append(make("span", `cell-note ${data.note_style || ""}`.trim(), data.note));
    if (data.actions) {
      const row = make("div", "row-actions");
      row.append(...data.actions.map(button));
      element.append(row);
    }
    return element;
  };

  const head = (column) => {
    const element = make("th", column.style);
    element.scope = "col";
    if (column.title) element.title = column.title;
    element.append(column.quiet ? make("span", "unseen", column.name) : named(column.name, column));
    if (column.note !== undefined) element.append(make("span", "th-note", column.note));
    return element;
  };

  const build = (place) => {
    const { style, heading, headless, columns, lines } = JSON.parse(place.dataset.sheet);
    const table = make("table", style);
    const widths = make("colgroup");
    widths.append(...columns.map((column) => make("col", column.style)));
    table.append(widths);
    const top = table.createTHead();
    top.hidden = Boolean(headless);
    top.insertRow().append(...columns.map(head));
    const body = table.createTBody();
    for (const line of lines) {
      const row = make("tr", line.style);
      row.append(...line.cells.map((given, index) => cell(given, columns[index], index === heading)));
      body.append(row);
    }
    place.replaceChildren(table);
    const total = table.tHead.querySelector(".total");
    if (total) toEnd(place, total);
  };

  /** A long statement begins at its end: the newest steps and the total are what one looks for. */
  const toEnd = (place, total) => {
    const stays = getComputedStyle(total).position === "sticky";
    const edge = stays ? place.scrollWidth : total.offsetLeft + total.offsetWidth + 16;
    place.scrollLeft = edge - place.clientWidth;
  };

  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") build(change.target);
      for (const node of change.addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.matches("[data-sheet]")) build(node);
        node.querySelectorAll("[data-sheet]").forEach(build);
      }
    }
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-sheet"] });
})();
