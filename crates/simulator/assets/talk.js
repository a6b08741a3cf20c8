// Says sentences without leaving the page, and shows what is said elsewhere. Without this script the same forms work with a
// page load each.

import { follow, oneAtATime, part } from "/assets/news.js";
import { answersAloud, hearAgain, hush, listens } from "/assets/speech.js";

const conversation = document.querySelector("#conversation");
const underWay = document.querySelector("#under-way");
const form = document.querySelector("#say");
const input = document.querySelector("#utterance");
const status = document.querySelector("#status");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const history = [];
let recalled = 0;

function toTheEnd(behavior) {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior });
}

function isAtTheEnd() {
  return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 120;
}

// What the form says besides the words; empty fields say nothing.
function manner() {
  const fields = ["skill", "device", "person", "fault"].map((name) => [name, form.elements[name]?.value.trim()]);
  return Object.fromEntries(fields.filter(([, value]) => value));
}

// Each turn is fetched once, whoever hears of it first: the answer to this page's own request, or the news.
const shown = new Map();

function show(turn) {
  if (!shown.has(turn)) shown.set(turn, append(turn));
  return shown.get(turn);
}

async function append(turn) {
  const here = document.getElementById(`turn-${turn}`);
  if (here) return here;
  const article = await part(`/turns/${turn}/part`);
  if (!article) return undefined;
  document.querySelector("#welcome")?.remove();
  const follows = isAtTheEnd();
  article.classList.add("fresh");
  conversation.append(article);
  if (follows) toTheEnd(still.matches ? "instant" : "smooth");
  return article;
}

// An arrow opens its request and answer; in this page without loading it anew.
document.addEventListener("click", (event) => {
  const arrow = event.target.closest("svg a");
  if (!arrow || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const hop = document.getElementById(arrow.getAttribute("href").split("#")[1]);
  const details = hop?.querySelector("details");
  if (!details) return;
  event.preventDefault();
  hop.closest(".happened").open = true;
  details.open = true;
  details.querySelector("summary").focus({ preventScroll: true });
  hop.scrollIntoView({ block: "start", behavior: still.matches ? "instant" : "smooth" });
});

// Only answers to what was said on this page, so after a person's hand.
const readAloud = answersAloud(document.querySelector("#aloud"));
hearAgain(conversation);
listens(document.querySelector("#listen"), {
  locale: () => form.elements.locale?.value ?? "en-US",
  tell: (text) => {
    status.textContent = text;
  },
  heard: (words) => {
    input.value = words;
    form.requestSubmit();
  },
});

// Nobody should have to type again what was not taken.
function giveBack(said) {
  input.value ||= said.utterance ?? "";
}

async function say(said, locale) {
  hush();
  form.setAttribute("aria-busy", "true");
  status.textContent = "Listening…";
  document.querySelector("#welcome")?.remove();
  toTheEnd("instant");
  try {
    const answer = await fetch("/api/turns", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...manner(), ...said, ...(locale ? { locale } : {}) }),
    });
    const turn = await answer.json();
    if (!answer.ok) {
      giveBack(said);
      status.textContent = turn.error_description;
      return;
    }
    const article = await show(turn.id);
    readAloud(article);
    toTheEnd(still.matches ? "instant" : "smooth");
    status.textContent = turn.session.open ? "The skill is listening: no need to name it." : "";
  } catch {
    giveBack(said);
    status.textContent = "The console cannot be reached. Is it still running?";
  } finally {
    form.removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.name === "act") {
    say({ [event.submitter.value]: true }, form.elements.locale?.value);
    return;
  }
  const utterance = input.value.trim();
  if (!utterance) return;
  history.push(utterance);
  recalled = history.length;
  input.value = "";
  say({ utterance }, form.elements.locale?.value);
});

// Arrow keys bring back what was said before.
input.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !history.length) return;
  event.preventDefault();
  recalled = Math.min(Math.max(recalled + step, 0), history.length);
  input.value = history[recalled] ?? "";
});

document.querySelector(".tries")?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button) return;
  event.preventDefault();
  history.push(button.value);
  recalled = history.length;
  say({ utterance: button.value }, button.dataset.locale);
});

// The diagram of what is under way, until its turn stands in the conversation.
const over = new Set();
const draw = oneAtATime(async (turn) => {
  if (over.has(turn)) return;
  const drawn = await part(`/flow/${turn}`);
  if (!drawn || over.has(turn)) return;
  const follows = isAtTheEnd();
  const before = document.getElementById(drawn.id);
  if (before) before.replaceWith(drawn);
  else underWay.append(drawn);
  if (follows) toTheEnd("instant");
});

follow(conversation.dataset.mark, async (what, turn) => {
  if (what === "missed") {
    location.reload();
  } else if (what === "ended") {
    over.add(turn);
    await show(turn).catch(() => undefined);
    document.getElementById(`flow-${turn}`)?.remove();
  } else if (turn) {
    await draw(turn);
  }
});

const opened = document.querySelector(".hop details[open]")?.closest(".hop") ?? document.querySelector(".happened[open]")?.closest(".turn");
if (opened) opened.scrollIntoView({ block: "start" });
else toTheEnd("instant");
