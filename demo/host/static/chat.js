// Follow a chat: every two seconds ask for what came after the last message that is shown.
"use strict";

const PAUSE = 2000;
const list = document.getElementById("messages");

function lastSequence() {
  const last = list.lastElementChild;
  return last ? last.dataset.sequence : "0";
}

function atTheEnd() {
  return list.scrollHeight - list.scrollTop - list.clientHeight < 80;
}

async function follow() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await fetch(`${list.dataset.more}?after=${lastSequence()}`, { redirect: "error" });
      if (answer.status === 200) {
        const stay = atTheEnd();
        list.insertAdjacentHTML("beforeend", await answer.text());
        document.getElementById("no-messages")?.remove();
        if (stay) list.scrollTop = list.scrollHeight;
      }
    } catch {
      // The host is away or the session is over; the next round may find it again.
    }
  }
  setTimeout(follow, PAUSE);
}

list.scrollTop = list.scrollHeight;
setTimeout(follow, PAUSE);

for (const composer of document.querySelectorAll(".composer")) {
  composer.addEventListener("submit", () => {
    // Afterwards: a button that is disabled now would not be sent along.
    setTimeout(() => composer.querySelectorAll("button").forEach((button) => (button.disabled = true)));
  });
  composer.querySelector("textarea")?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      composer.requestSubmit();
    }
  });
}
