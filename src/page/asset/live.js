// The page of changes, brought up to date: asks the same feed that programs follow, one request at a time. What it is
// answered becomes text, never markup. Without this script the page shows the same and is reloaded by hand.
"use strict";
(() => {
  const ROWS_MAX = 200;
  const VALUES_MAX = 8;
  const MASKED_FIELDS = ["email", "phone"];
  const KINDS = ["loaded", "created", "updated", "removed", "restored"];

  const table = document.getElementById("changes");
  const template = document.getElementById("change-row");
  const state = document.getElementById("live-state");
  const empty = document.getElementById("no-changes");
  const isMasked = table.dataset.access === "masked";
  const names = new Map();
  const when = new Intl.DateTimeFormat("en-GB", {
    timeZone: table.dataset.timeZone, day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false,
  });
  let seq = Number(table.dataset.seq);
  let waiting = null;

  const say = (word, text) => {
    if (state.dataset.word === word && state.textContent === text) return;
    state.dataset.word = word;
    state.textContent = text;
  };

  // What can't be seen or turns the writing direction is spelt out, as on the server.
  const visible = (text) =>
    String(text).replace(/[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
      (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");

  const cut = (text) => {
    const letters = Array.from(String(text));
    return letters.length > 300 ? visible(letters.slice(0, 300).join("")) + "…" : visible(text);
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const nothing = () => {
    const dash = element("span", "—", "none");
    dash.setAttribute("role", "img");
    dash.setAttribute("aria-label", "none");
    return dash;
  };

  const value = (name, content) => {
    if (content === null || content === undefined || content === "") return nothing();
    const text = cut(typeof content === "string" ? content : JSON.stringify(content));
    if (!isMasked || !MASKED_FIELDS.includes(name)) return element("bdi", text);
    const mask = element("span", undefined, "mask");
    mask.append(element("span", "masked ", "unseen"), text);
    return mask;
  };

  const object = (content) => {
    try {
      const read = typeof content === "string" ? JSON.parse(content) : content;
      return read !== null && typeof read === "object" ? read : null;
    } catch {
      return null;
    }
  };

  const fillValues = (list, change) => {
    const before = object(change.before);
    const after = object(change.after);
    const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
    for (const name of fields.slice(0, VALUES_MAX)) {
      const pair = element("div");
      const shown = element("dd");
      if (before !== null) {
        const was = element("del");
        was.append(value(name, before[name]));
        const arrow = element("span", " → ");
        arrow.setAttribute("role", "img");
        arrow.setAttribute("aria-label", "becomes");
        shown.append(was, arrow);
      }
      const is = element("ins");
      is.append(value(name, (after ?? {})[name]));
      shown.append(is);
      pair.append(element("dt", cut(name)), shown);
      list.append(pair);
    }
    if (fields.length > VALUES_MAX) {
      const more = element("div", undefined, "quiet");
      const left = fields.length - VALUES_MAX;
      more.append(element("dt", `and ${left}\u00a0more value${left === 1 ? "" : "s"}`), element("dd"));
      list.append(more);
    }
  };

  const row = (change) => {
    const made = template.content.firstElementChild.cloneNode(true);
    const time = made.querySelector("time");
    time.dateTime = change.at;
    time.title = change.at;
    time.textContent = when.format(new Date(change.at)).replace(",", "").replaceAll(" ", "\u00a0");
    const kind = made.querySelector(".kind");
    kind.textContent = cut(change.kind);
    if (KINDS.includes(change.kind)) kind.classList.add(change.kind);
    const link = made.querySelector("a");
    link.href = "/directories/" + encodeURIComponent(change.directory_id);
    link.firstElementChild.textContent = cut(names.get(change.directory_id) || change.directory_id);
    const id = made.querySelector("td.id");
    id.replaceChildren(change.registration_id === null ? nothing() : element("bdi", cut(change.registration_id)));
    fillValues(made.querySelector(".diff"), change);
    made.classList.add("new");
    return made;
  };

  const show = (changes) => {
    const body = table.tBodies[0];
    for (const change of changes) body.prepend(row(change));
    while (body.rows.length > ROWS_MAX) body.lastElementChild.remove();
    empty.hidden = body.rows.length > 0;
  };

  const ask = async (address, signal) => {
    const answer = await fetch(address, { signal, headers: { accept: "application/json" }, credentials: "same-origin" });
    if (answer.ok) return answer.json();
    const failure = new Error(String(answer.status));
    failure.isGone = answer.status === 410;
    failure.isFinal = answer.status === 401 || answer.status === 403;
    failure.afterSeconds = Number(answer.headers.get("retry-after")) || 0;
    throw failure;
  };

  const pause = (seconds, signal) =>
    new Promise((done) => {
      const timer = setTimeout(done, seconds * 1000);
      signal.addEventListener("abort", () => { clearTimeout(timer); done(); });
    });

  const learnNames = async (signal) => {
    const { directories } = await ask("/api/v1/directories", signal);
    for (const directory of directories) names.set(directory.directory_id, directory.name);
  };

  const follow = async (signal) => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (names.size === 0) await learnNames(signal);
        const { changes, next } = await ask(`/api/v1/changes?after=${seq}&wait=30`, signal);
        if (changes.some((change) => !names.has(change.directory_id))) await learnNames(signal);
        show(changes);
        seq = next;
        failures = 0;
        const count = changes.length;
        say("live", count === 0 ? "Live" : `Live, ${count} new change${count === 1 ? "" : "s"}`);
      } catch (failure) {
        if (signal.aborted) return;
        if (failure.isFinal) return say("stopped", "Stopped: this page may no longer be read. Reload it to sign in.");
        // What this page stands at is no longer kept: the page as it is now.
        if (failure.isGone) return window.location.reload();
        failures += 1;
        say("lost", "No answer, trying again …");
        await pause(Math.max(failure.afterSeconds || 0, Math.min(60, 2 ** failures)), signal);
      }
    }
  };

  const begin = () => {
    if (waiting || state.dataset.word === "stopped") return;
    waiting = new AbortController();
    say("live", "Live");
    follow(waiting.signal);
  };

  const end = () => {
    waiting?.abort();
    waiting = null;
    if (state.dataset.word !== "stopped") say("paused", "Paused while the page is hidden");
  };

  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  if (!document.hidden) begin();
})();
