// Draws each turn and each linking while it happens.

import { follow, oneAtATime, part } from "/assets/news.js";

const MOST_SHOWN = 12;
const flows = document.querySelector("#flows");
const live = document.querySelector("#live");
const status = document.querySelector("#status");

const draw = oneAtATime(async (turn) => {
  const drawn = await part(`/flow/${turn}`);
  if (!drawn) return;
  document.querySelector("#nothing")?.remove();
  const before = document.getElementById(drawn.id);
  if (before) {
    // Who has moved to the end of a wide diagram stays there.
    const scrolled = before.querySelector(".flow").scrollLeft;
    before.replaceWith(drawn);
    drawn.querySelector(".flow").scrollLeft = scrolled;
  } else {
    drawn.classList.add("fresh");
    flows.prepend(drawn);
  }
  while (flows.children.length > MOST_SHOWN) flows.lastElementChild.remove();
});

follow(flows.dataset.mark, async (what, turn) => {
  live.hidden = what === "lost";
  if (what === "missed") location.reload();
  else if (turn) await draw(turn);
  if (what === "ended") {
    const drawn = document.getElementById(`flow-${turn}`);
    status.textContent = drawn ? `${drawn.querySelector("h2").textContent}: ${drawn.querySelector(".pill").textContent}` : "";
  }
});
