// What pages do beyond links and forms: light and dark, the live stream, and a few keys. None needs it to be read.
"use strict";
(() => {
  const root = document.documentElement;
  const kept = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;

  const switchTheme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* then for this page only */ }
  };

  const follow = (rows) => {
    const MOST = 25;
    const sign = document.getElementById("live");
    const say = (state, words) => { sign.dataset.state = state; sign.textContent = words; };
    const stream = new EventSource(`/ui/live?after=${encodeURIComponent(rows.dataset.after)}`);
    stream.onopen = () => say("on", "live");
    stream.onerror = () => say("off", "not live");
    stream.addEventListener("sight", (event) => {
      rows.insertAdjacentHTML("afterbegin", event.data); // a row as the server made and escaped it
      while (rows.children.length > MOST) rows.lastElementChild.remove();
    });
    addEventListener("pagehide", () => stream.close());
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", switchTheme);
    const rows = document.getElementById("sights");
    if (rows) follow(rows);
    const all = document.getElementById("all");
    if (all) {
      const boxes = () => document.querySelectorAll('.alerts > li > input[type="checkbox"]');
      all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
    }
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (event.key === "/" && !field && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      document.getElementById("search").focus();
    }
  });
})();
