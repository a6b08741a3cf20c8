// Lets what is left of each token run down, and follows the clock and the links.

import { follow, oneAtATime } from "/assets/news.js";

const page = document.querySelector("#time");

const renew = oneAtATime(async () => {
  const answer = await fetch("/timeline");
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#time");
  // Whoever is about to press a button must not lose the place.
  const focus = document.activeElement?.id;
  page.replaceChildren(...document.adoptNode(fresh).childNodes);
  if (focus) document.getElementById(focus)?.focus();
});

follow(page.dataset.mark, (what) => {
  if (["clock", "ended", "missed"].includes(what)) renew("time");
});

let last = Math.floor(performance.now() / 1000);
setInterval(() => {
  const now = Math.floor(performance.now() / 1000);
  const passed = now - last;
  last = now;
  for (const life of page.querySelectorAll("[data-left]")) {
    // What is over has no count any more.
    if (life.dataset.left === "0") continue;
    const left = Math.max(0, Number(life.dataset.left) - passed);
    if (left === 0) renew("time");
    life.dataset.left = String(left);
    life.querySelector("meter").value = left;
    life.querySelector(".left").textContent = left;
  }
}, 1000);
