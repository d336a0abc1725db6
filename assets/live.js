/* What happens, as it happens: one connection of this tab to /realtime, for the profile that is looked at.

   For the rest of the page:
     "live:messages"  event on document, at most once a frame; detail {profile, messages}, where a message
                      is {id, event, eventId, data} as the server sent it, ids rising, none twice
     "live:state"     event on document; detail one of STATES
     "live:gap"       event on document; detail the profile: some of what happened is not kept any more, so
                      that what is shown has to be read anew
     store `live`     changes when figures may have: at most once a second, and once more after a burst
     window.live      .state; .later(id, other) compares two ids; .since(profile, id) asks again for what
                      came after a position that the page was read at; .hold(true) says that the page has
                      been paused by its reader */
(() => {
  const STATES = {
    off: "Not live",
    connecting: "Connecting",
    live: "Live",
    paused: "List paused",
    reconnecting: "Reconnecting",
    waiting: "Waiting for Redis",
    offline: "No connection",
    refused: "Signed out",
  };
  const FIRST_PAUSE = 1_000;
  const LONGEST_PAUSE = 30_000;
  const STEADY = 10_000; // a connection that held so long was a good one
  const SILENCE = 60_000; // after so long it is asked whether the connection still is one
  const PATIENCE = 8_000;
  const SLEPT = 20_000;
  const REDRAW = 1_000;
  const HIDDEN_FRAME = 500; // a hidden tab draws no frames
  const REMEMBERED = 12_000;
  const LATER = ["unavailable", "too-many-requests"];
  const FAULTS = { unauthenticated: "refused", "not-found": "off", "invalid-input": "off" };
  const AWAY = ["reconnecting", "waiting", "offline"];
  const REFUSED = [1008, 4401, 4403]; // after these there is no hurry
  const RISING = /^\d+-\d+$/;

  let socket = null;
  let profile = null; // that of the page
  let subscribed = null; // that of the connection
  let state = "off";
  let held = false;
  let attempts = 0;
  let opened = 0;
  let heard = 0; // when the server last said something
  let retry, answer;
  const positions = new Map(); // by profile, the id of the newest message
  const seen = new Set();

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  /** Whether the first id comes after the second. */
  const later = (first, second) => {
    const [ms, number] = first.split("-").map(Number);
    const [otherMs, otherNumber] = second.split("-").map(Number);
    return ms === otherMs ? number > otherNumber : ms > otherMs;
  };

  // The state, for eyes and screen readers.

  const show = () => {
    const place = document.getElementById("frame-live");
    if (!place) return;
    const shown = held && state === "live" ? "paused" : state;
    if (place.dataset.state === shown) return;
    place.dataset.state = shown;
    place.querySelector("[role=status]").textContent = STATES[shown];
    place.title = `${STATES[shown]}: open Real-time`;
    place.hidden = shown === "off";
  };

  const become = (next) => {
    if (state === next) return;
    state = next;
    show();
    tell("live:state", state);
  };

  // The connection.

  const send = (event, data) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ event, data }));
  };

  const subscribe = () => {
    if (subscribed && subscribed !== profile) send("unsubscribe", { profileId: subscribed });
    subscribed = profile;
    if (!profile) return;
    const since = positions.get(profile);
    send("subscribe", since ? { profileId: profile, since } : { profileId: profile });
    if (state !== "waiting") expect();
  };

  /** Gives the server a while to say something; a connection that died in silence is opened anew. */
  const expect = () => {
    clearTimeout(answer);
    const asked = socket;
    answer = setTimeout(() => asked === socket && lost(), PATIENCE);
  };

  const connect = () => {
    clearTimeout(retry);
    if (socket || !profile) return;
    if (!navigator.onLine) return become("offline");
    if (state === "off") become("connecting");
    const own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/realtime`);
    socket = own;
    expect();
    own.onopen = () => {
      opened = heard = Date.now();
      subscribe();
    };
    own.onmessage = ({ data }) => own === socket && receive(data);
    own.onclose = ({ code }) => own === socket && lost(code);
  };

  const drop = () => {
    clearTimeout(answer);
    const old = socket;
    socket = subscribed = null;
    if (old) old.onclose = old.onmessage = old.onopen = null;
    old?.close();
  };

  /** The connection is gone: again after a pause that grows, and differs from browser to browser. */
  const lost = (code) => {
    drop();
    if (opened && Date.now() - opened > STEADY) attempts = 0;
    opened = 0;
    const longest = REFUSED.includes(code) ? LONGEST_PAUSE : Math.min(FIRST_PAUSE * 2 ** attempts++, LONGEST_PAUSE);
    become(code === 4401 ? "refused" : navigator.onLine ? "reconnecting" : "offline");
    clearTimeout(retry);
    retry = setTimeout(connect, longest * (0.5 + Math.random() / 2));
  };

  /** Something speaks for a connection now, or against the one that seems to be there. */
  const wake = () => {
    if (!socket) {
      attempts = 0;
      connect();
    } else if (socket.readyState === WebSocket.OPEN) subscribe();
  };

  // Whoever signs out in one tab has signed out in all of them.

  const signedOut = new BroadcastChannel("signed-out");
  signedOut.onmessage = () => profile && lost(4401);
  document.addEventListener("submit", ({ target }) => {
    if (target.matches('[action="/sign-out"]')) signedOut.postMessage(null);
  });

  // What the server says.

  let batch = [];
  let frame = null; // how to call off the one that is to come

  const nextFrame = () => {
    if (document.hidden) {
      const timer = setTimeout(flush, HIDDEN_FRAME);
      return () => clearTimeout(timer);
    }
    const drawing = requestAnimationFrame(flush);
    return () => cancelAnimationFrame(drawing);
  };

  const receive = (text) => {
    heard = Date.now();
    clearTimeout(answer);
    const message = JSON.parse(text);
    const { event, id, eventId, data = {} } = message;
    if (data.profileId && data.profileId !== profile) return;
    const rising = id ?? data.id;
    if (event === "subscribed") {
      arrive();
      if (!positions.has(profile)) moved(rising);
    } else if (event === "gap") {
      positions.delete(profile);
      moved(rising);
      tell("live:gap", profile);
      redraw();
    } else if (event === "lagged") {
      subscribe();
    } else if (event === "waiting") {
      become("waiting");
    } else if (event === "live") {
      arrive();
    } else if (event === "error") {
      if (LATER.includes(data.code)) lost();
      else if (data.code in FAULTS) become(FAULTS[data.code]);
    } else if (eventId) {
      moved(rising);
      if (seen.has(eventId)) return;
      seen.add(eventId);
      if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
      batch.push(message);
      frame ??= nextFrame();
    }
  };

  /** What happens is told from now on; figures may have changed meanwhile. */
  const arrive = () => {
    if (AWAY.includes(state)) redraw();
    become("live");
  };

  /** Positions only rise. */
  const moved = (id) => {
    if (!id || !RISING.test(id)) return;
    const known = positions.get(profile);
    if (!known || later(id, known)) positions.set(profile, id);
  };

  const flush = () => {
    frame = null;
    const messages = batch;
    batch = [];
    if (!messages.length) return;
    tell("live:messages", { profile, messages });
    if (messages.some(({ event }) => event !== "job")) redraw();
  };

  // Figures that the server draws follow at most once a second; a hidden tab waits until it is seen.

  let due = null;
  let drawn = 0;

  const redraw = () => {
    due ??= setTimeout(() => {
      if (document.hidden) return;
      due = null;
      drawn = Date.now();
      dash_clientside.set_props("live", { data: drawn });
    }, Math.max(0, drawn + REDRAW - Date.now()));
  };

  // When to look after the connection.

  let ticked = Date.now();
  setInterval(() => {
    const slept = Date.now() - ticked > SLEPT;
    ticked = Date.now();
    if (profile && (slept || (socket && ticked - heard > SILENCE))) wake();
  }, 5_000);

  addEventListener("online", wake);
  addEventListener("offline", () => {
    if (!profile) return;
    drop();
    become("offline");
  });
  document.addEventListener("visibilitychange", () => {
    if (frame) {
      frame(); // the frame of a tab that is hidden now might never come
      flush();
    }
    if (document.hidden) return;
    if (due !== null) {
      clearTimeout(due);
      due = null;
      redraw();
    }
    if (profile && (!socket || Date.now() - heard > PATIENCE)) wake();
  });
  addEventListener("pagehide", drop);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted || !profile) return;
    become("reconnecting");
    wake();
  });

  window.live = {
    get state() {
      return state;
    },
    later,
    since: (asked, id) => {
      if (asked !== profile || !RISING.test(id)) return;
      const known = positions.get(asked);
      if (!known || later(known, id)) positions.set(asked, id);
      if (socket?.readyState === WebSocket.OPEN) subscribe();
    },
    hold: (paused) => {
      held = paused;
      show();
    },
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    live: {
      /** The profile that the frame shows: that of the URL, in whichever spelling, else the first. */
      follow: (search, facts) => {
        const bare = (id) => id.toLowerCase().replace(/[^0-9a-f]/g, "");
        const asked = new URLSearchParams(search || "").get("profile") || facts.profiles[0]?.id;
        const next = facts.profiles.find(({ id }) => bare(id) === bare(asked))?.id ?? asked ?? null;
        show();
        if (next === profile) return;
        batch = [];
        profile = next;
        if (!profile) {
          drop();
          become("off");
        } else if (socket?.readyState === WebSocket.OPEN) subscribe();
        else if (!socket) connect();
      },
    },
  });
})();
