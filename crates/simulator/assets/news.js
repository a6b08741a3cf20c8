// One stream of news for a page. Without it, or when it is lost, the page works by being loaded again.

const LATER = 30_000;

// A stream of one's own for every hidden page would use up the browser's few connections to this server.
export function follow(mark, tell) {
  let stream;
  let since = mark;
  let again;

  function open() {
    clearTimeout(again);
    if (stream || document.hidden) return;
    stream = new EventSource(`/api/news?since=${encodeURIComponent(since)}`);
    for (const name of ["here", "begun", "moved", "ended", "clock", "missed"]) {
      stream.addEventListener(name, (event) => {
        since = event.lastEventId || since;
        tell(name, JSON.parse(event.data).turn);
      });
    }
    stream.addEventListener("error", () => {
      tell("lost");
      // A browser comes back by itself after a broken connection, but not after a refusal.
      if (stream?.readyState === EventSource.CLOSED) {
        close();
        again = setTimeout(open, LATER);
      }
    });
  }

  function close() {
    stream?.close();
    stream = undefined;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// A part of a page, made by the server.
export async function part(path) {
  const answer = await fetch(path);
  if (!answer.ok) return undefined;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.body.firstElementChild;
  return found ? document.adoptNode(found) : undefined;
}

// Runs `work` for a name, and once more if it was asked for meanwhile: never twice at the same time.
export function oneAtATime(work) {
  const running = new Map();
  return async function ask(name) {
    if (running.has(name)) {
      running.set(name, true);
      return;
    }
    do {
      running.set(name, false);
      try {
        await work(name);
      } catch {
        // The console cannot be reached; the stream tells when it is back.
      }
    } while (running.get(name));
    running.delete(name);
  };
}
