/* Sound and notifications for gifts and government visits: off until they are asked for, and kept for this
   browser. Buttons with data-chime="sound" and "notify" switch them; #realtime-refused says what the browser refuses. */
(() => {
  const NEW = 60_000; // what comes again after a while away is no news
  const CALLS = {
    "gift-purchased": { title: "A gift", notes: [659, 880] },
    "gov-alert": { title: "A government visit", notes: [440, 330] },
  };
  let audio = null;

  const kept = (name) => {
    try {
      return localStorage.getItem(`live-${name}`);
    } catch {
      return null; // storage is forbidden: nothing is kept
    }
  };

  const keep = (name, value) => {
    try {
      localStorage.setItem(`live-${name}`, value);
    } catch {
      // The same.
    }
  };

  const isOn = (name) => kept(name) === "on" && (name !== "notify" || window.Notification?.permission === "granted");

  const paint = () =>
    document.querySelectorAll("[data-chime]").forEach((button) => {
      button.setAttribute("aria-pressed", String(isOn(button.dataset.chime)));
    });

  /** Why there are no notifications; "" when nothing speaks against them. */
  const refusal = async () => {
    if (!window.Notification) return "This browser has no notifications for this page.";
    const permission = await Notification.requestPermission();
    return permission === "granted"
      ? ""
      : "This browser does not allow notifications from this page. Allow them in its settings for this site, then try again.";
  };

  const play = (notes) => {
    audio ??= new AudioContext();
    audio.resume();
    notes.forEach((pitch, index) => {
      const at = audio.currentTime + index * 0.14;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.32);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.34);
    });
  };

  const money = ({ amount, currency }) => {
    try {
      return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(amount);
    } catch {
      return `${amount} ${currency}`;
    }
  };

  const wordsOf = ({ event, data }) =>
    event === "gift-purchased"
      ? [money(data), data.giftName ?? data.category].filter(Boolean).join(" · ")
      : [data.ip, data.organization].filter(Boolean).join(" · ");

  /** Of several tabs one calls. */
  const first = (eventId) => {
    if (kept("called") === eventId) return false;
    keep("called", eventId);
    return true;
  };

  document.addEventListener("live:messages", ({ detail: { messages } }) => {
    if (!isOn("sound") && !isOn("notify")) return;
    const last = messages.findLast(
      ({ event, data }) => event in CALLS && Date.now() - Date.parse(data.timestamp ?? 0) < NEW,
    );
    if (!last || !first(last.eventId)) return;
    const { title, notes } = CALLS[last.event];
    if (isOn("sound")) play(notes);
    if (isOn("notify")) new Notification(title, { body: wordsOf(last), tag: last.eventId });
  });

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-chime]");
    if (!button) return;
    const name = button.dataset.chime;
    const next = !isOn(name);
    if (name === "notify") {
      const refused = next ? await refusal() : "";
      document.getElementById("realtime-refused").textContent = refused;
      if (refused) return;
    }
    keep(name, next ? "on" : "off");
    if (next && name === "sound") play(CALLS["gift-purchased"].notes);
    paint();
  });

  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.querySelector?.("[data-chime]")))) paint();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
