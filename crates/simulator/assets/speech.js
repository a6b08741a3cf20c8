// Speaking and listening, where the browser offers them. Nothing is said and no microphone is opened but by a person's hand.

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const voice = window.speechSynthesis;
const KEPT = "sayso-speaks";

// SSML's words for how fast, high and loud, as the browser counts them (1 is as usual; loudness ends there).
const RATES = { "x-slow": 0.5, slow: 0.75, medium: 1, fast: 1.35, "x-fast": 1.8 };
const PITCHES = { "x-low": 0.5, low: 0.75, medium: 1, high: 1.3, "x-high": 1.7 };
const VOLUMES = { silent: 0, "x-soft": 0.25, soft: 0.5, medium: 0.8, loud: 1, "x-loud": 1 };
const BREAKS = { none: 0, "x-weak": 0, weak: 150, medium: 350, strong: 700, "x-strong": 1000 };
const LONGEST_BREAK = 10_000;
const PLAIN = { rate: 1, pitch: 1, volume: 0.9 };

function between(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

// `fast`, `90%`, `+10%` or `+6dB`, for what is usual at `usual`.
function amount(text, words, usual) {
  if (!text) return usual;
  if (text in words) return words[text];
  const number = Number.parseFloat(text);
  if (Number.isNaN(number)) return usual;
  if (text.endsWith("dB")) return usual * 10 ** (number / 20);
  return /^[+-]/.test(text) ? usual * (1 + number / 100) : usual * (number / 100);
}

function pause(element) {
  const time = element.getAttribute("time");
  const length = Number.parseFloat(time);
  if (Number.isNaN(length)) return BREAKS[element.getAttribute("strength") ?? "medium"] ?? BREAKS.medium;
  return between(time.endsWith("ms") ? length : length * 1000, 0, LONGEST_BREAK);
}

// One by one, as digits and letters are read.
function spelled(text) {
  return [...text.replace(/\s+/g, "")].join(" ");
}

// `effect` of `amazon:effect`.
function plainName(element) {
  return element.localName.split(":").pop();
}

function manner(element, before) {
  const attribute = (name) => element.getAttribute(name);
  switch (plainName(element)) {
    case "prosody":
      return {
        ...before,
        rate: between(amount(attribute("rate"), RATES, before.rate), 0.2, 3),
        pitch: between(amount(attribute("pitch"), PITCHES, before.pitch), 0, 2),
        volume: between(amount(attribute("volume"), VOLUMES, before.volume), 0, 1),
      };
    case "emphasis":
      return { ...before, rate: before.rate * (attribute("level") === "reduced" ? 1.1 : 0.85) };
    case "effect":
      return attribute("name") === "whispered" ? { ...before, volume: before.volume * 0.4 } : before;
    case "lang":
      return { ...before, lang: attribute("xml:lang") ?? before.lang };
    default:
      return before;
  }
}

// What is to be said, piece by piece: words with their manner, or a pause in milliseconds.
export function pieces(ssml, lang) {
  // Read as HTML, which forgives what is no good XML; there, elements do not close themselves.
  const closed = ssml.replace(/<([\w:-]+)((?:\s[^<>]*)?)\/>/g, "<$1$2></$1>");
  const read = new DOMParser().parseFromString(closed, "text/html");
  const found = [];
  const add = (text, how) => {
    if (text.trim()) found.push({ text: text.trim().replace(/\s+/g, " "), ...how });
  };
  const walk = (node, how) => {
    if (node.nodeType === Node.TEXT_NODE) return add(node.data, how);
    if (node.nodeType !== Node.ELEMENT_NODE) return undefined;
    const name = plainName(node);
    if (name === "break") return found.push({ pause: pause(node) });
    if (name === "audio") return undefined;
    if (name === "sub") return add(node.getAttribute("alias") ?? node.textContent, how);
    const as = name === "say-as" ? node.getAttribute("interpret-as") : "";
    if (["digits", "characters", "spell-out"].includes(as)) return add(spelled(node.textContent), how);
    if (as === "expletive") return undefined;
    for (const child of node.childNodes) walk(child, manner(node, how));
    if (name === "p") found.push({ pause: BREAKS.strong });
    if (name === "s") found.push({ pause: BREAKS.medium });
    return undefined;
  };
  walk(read.body, { ...PLAIN, lang });
  return found;
}

// The best voice there is for a locale: of the same country, else of the same language.
function voiceFor(lang) {
  const voices = voice.getVoices();
  const named = (one) => one.lang.replace("_", "-").toLowerCase();
  const wanted = lang.toLowerCase();
  return voices.find((one) => named(one) === wanted) ?? voices.find((one) => named(one).startsWith(wanted.slice(0, 2)));
}

let speaking = 0;

// Falls silent.
export function hush() {
  speaking += 1;
  voice?.cancel();
}

// Says it, and is done when all is said, or something else is said instead.
export async function speak(ssml, lang) {
  if (!voice) return;
  hush();
  const mine = speaking;
  for (const piece of pieces(ssml, lang)) {
    if (mine !== speaking) return;
    if (piece.pause !== undefined) {
      await new Promise((done) => setTimeout(done, piece.pause));
      continue;
    }
    const words = new SpeechSynthesisUtterance(piece.text);
    Object.assign(words, { lang: piece.lang, rate: piece.rate, pitch: piece.pitch, volume: piece.volume });
    words.voice = voiceFor(piece.lang) ?? null;
    await new Promise((done) => {
      words.onend = done;
      words.onerror = done;
      voice.speak(words);
    });
  }
}

// What a turn's answer says, from the page, with what was said before it.
function speakAnswer(article) {
  const spoken = [...(article?.querySelectorAll(".spoken[data-ssml]") ?? [])];
  if (spoken.length) speak(spoken.map((one) => one.dataset.ssml).join("<break/>"), spoken[0].dataset.locale);
}

// The switch that has answers spoken. Returns what is to be called when an answer has come to something said here.
export function answersAloud(button) {
  if (!voice || !button) return () => undefined;
  let speaks = false;
  try {
    speaks = localStorage.getItem(KEPT) === "on";
  } catch {
    // Not remembered where nothing may be kept.
  }
  const show = () => {
    button.setAttribute("aria-pressed", String(speaks));
    button.title = speaks ? "Answers are spoken" : "Answers are not spoken";
  };
  button.hidden = false;
  // Some browsers load their voices only when they are first asked for.
  voice.getVoices();
  show();
  button.addEventListener("click", () => {
    speaks = !speaks;
    if (!speaks) hush();
    try {
      localStorage.setItem(KEPT, speaks ? "on" : "off");
    } catch {
      // As above.
    }
    show();
  });
  addEventListener("pagehide", hush);
  return (article) => speaks && speakAnswer(article);
}

// Each answer can be heard by its own button, whether answers are spoken or not.
export function hearAgain(conversation) {
  if (!voice) return;
  document.body.classList.add("can-speak");
  conversation.addEventListener("click", (event) => {
    const button = event.target.closest("button.hear");
    if (button) speakAnswer(button.closest("article"));
  });
}

const TROUBLE = {
  "not-allowed": "The microphone is not allowed for this page; the browser's settings say so.",
  "service-not-allowed": "This browser does not let pages recognise speech.",
  "audio-capture": "There is no microphone.",
  network: "This browser recognises speech with a service that cannot be reached. Type instead.",
  "no-speech": "Nothing was heard.",
  "language-not-supported": "This browser does not recognise speech in that language.",
};

// The button that listens. `heard` gets the words, `tell` what to show meanwhile.
export function listens(button, { locale, heard, tell }) {
  if (!Recognition || !button) return;
  let running;
  button.hidden = false;
  const show = (is) => {
    button.setAttribute("aria-pressed", String(is));
    button.classList.toggle("on", is);
  };
  show(false);
  button.addEventListener("click", () => {
    if (running) {
      running.stop();
      return;
    }
    hush();
    running = new Recognition();
    Object.assign(running, { lang: locale(), interimResults: true, continuous: false, maxAlternatives: 1 });
    let words = "";
    let trouble = "";
    running.onresult = (event) => {
      words = [...event.results].map((result) => result[0].transcript).join("").trim();
      tell(`“${words}”`);
    };
    running.onerror = (event) => {
      trouble = event.error === "aborted" ? "" : (TROUBLE[event.error] ?? "Speech could not be recognised.");
    };
    running.onend = () => {
      running = undefined;
      show(false);
      tell(trouble);
      if (words && !trouble) heard(words);
    };
    try {
      running.start();
      show(true);
      tell("Speak now…");
    } catch {
      running = undefined;
      tell("Speech could not be recognised.");
    }
  });
}
