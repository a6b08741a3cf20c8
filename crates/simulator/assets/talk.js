// Says sentences without leaving the page. Without this script the same forms work with a page load each.

const conversation = document.querySelector("#conversation");
const form = document.querySelector("#say");
const input = document.querySelector("#utterance");
const status = document.querySelector("#status");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const history = [];
let recalled = 0;

function toTheEnd(behavior) {
  window.scrollTo({ top: document.documentElement.scrollHeight, behavior });
}

// What the form says besides the words; empty fields say nothing.
function manner() {
  const fields = ["skill", "device", "person", "fault"].map((name) => [name, form.elements[name]?.value.trim()]);
  return Object.fromEntries(fields.filter(([, value]) => value));
}

async function say(said, locale) {
  form.setAttribute("aria-busy", "true");
  status.textContent = "Listening…";
  document.querySelector("#welcome")?.remove();
  try {
    const answer = await fetch("/api/turns", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...manner(), ...said, ...(locale ? { locale } : {}) }),
    });
    const turn = await answer.json();
    if (!answer.ok) {
      status.textContent = turn.error_description;
      return;
    }
    const part = await fetch(`/turns/${turn.id}/part`);
    const page = new DOMParser().parseFromString(await part.text(), "text/html");
    const article = document.adoptNode(page.querySelector("article"));
    article.classList.add("fresh");
    conversation.append(article);
    status.textContent = turn.session.open ? "The skill is listening: no need to name it." : "";
    toTheEnd(still.matches ? "instant" : "smooth");
  } catch {
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

const opened = document.querySelector(".happened[open]")?.closest(".turn");
if (opened) opened.scrollIntoView({ block: "start" });
else toTheEnd("instant");
