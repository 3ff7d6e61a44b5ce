// One handset: its conversation with one number, drawn by sid so that nothing is drawn twice.
"use strict";

const PHONE_NUMBER = /^(\+[0-9]{6,15}|[0-9]{3,8}|[A-Za-z][A-Za-z0-9 ]{1,10})$/;

class Phone {
  constructor(state, page) {
    this.state = state; // {own, their}
    this.page = page;
    this.element = document.getElementById("phone-template").content.firstElementChild.cloneNode(true);
    this.bubbles = new Map();
    this.find = (selector) => this.element.querySelector(selector);
    this.find(".own-number").value = state.own;
    this.element.setAttribute("aria-label", `Phone ${state.own}`);
    this.listen();
  }

  listen() {
    const box = this.find("textarea");
    this.find(".composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(box.value);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send(box.value);
      }
    });
    box.addEventListener("input", () => this.grow());
    this.find(".attach").addEventListener("click", () => this.attach(!this.attached));
    this.find(".choose input").addEventListener("change", (event) => this.choose(event.target));
    for (const chip of this.element.querySelectorAll(".chips button")) {
      chip.addEventListener("click", () => this.send(chip.textContent));
    }
    this.find(".their-number").addEventListener("change", (event) => {
      this.state.their = event.target.value;
      this.clear();
      this.page.changed();
    });
    this.find(".own-number").addEventListener("change", (event) => this.rename(event.target));
    this.find(".remove").addEventListener("click", () => this.page.remove(this));
  }

  rename(input) {
    const number = input.value.trim();
    if (!PHONE_NUMBER.test(number)) {
      this.complain("A phone number looks like +15557650001.");
      input.value = this.state.own;
      return;
    }
    this.complain("");
    this.state.own = input.value = number;
    this.element.setAttribute("aria-label", `Phone ${number}`);
    this.clear();
    this.page.changed();
  }

  attach(on) {
    this.attached = on;
    this.file = null;
    this.find(".attach").setAttribute("aria-pressed", String(on));
    this.find(".attached").hidden = !on;
    this.find(".choose input").value = "";
    setText(this.find(".attached .what"), "A sample picture is attached.");
    this.find("textarea").placeholder = on ? "Picture attached – add a text" : "Text message";
  }

  async choose(input) {
    const [file] = input.files;
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let start = 0; start < bytes.length; start += 8192) {
      binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
    }
    this.file = { content_type: file.type || "application/octet-stream", data: btoa(binary) };
    setText(this.find(".attached .what"), `Attached: ${file.name}`);
  }

  grow() {
    const box = this.find("textarea");
    box.rows = Math.min(5, Math.max(1, box.value.split("\n").length, Math.ceil(box.value.length / 30)));
  }

  async send(text) {
    if (!text.trim() && !this.attached) return;
    const media = this.file ? [this.file] : this.attached ? 1 : 0;
    const message = { from: this.state.own, to: this.state.their, body: text, media };
    try {
      await call("POST", "/_sim/inbound", message);
      this.complain("");
      this.find("textarea").value = "";
      this.attach(false);
      this.grow();
      this.page.poll();
    } catch (error) {
      this.complain(error.message);
    }
  }

  complain(sentence) {
    const problem = this.find(".problem");
    problem.hidden = !sentence;
    setText(problem, sentence);
  }

  clear() {
    this.bubbles.clear();
    this.find("ol").replaceChildren();
  }

  update(messages, numbers) {
    setText(this.find(".clock"), clock(Date.now() / 1000));
    this.updateNumbers(numbers);
    const mine = messages.filter((m) => [m.from, m.to].includes(this.state.their));
    const log = this.find(".conversation");
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const known = new Set(mine.map((m) => m.sid));
    for (const [sid, bubble] of this.bubbles) {
      if (!known.has(sid)) {
        bubble.remove();
        this.bubbles.delete(sid);
      }
    }
    let grown = false;
    for (const message of mine) {
      let bubble = this.bubbles.get(message.sid);
      if (!bubble) {
        bubble = drawBubble(message);
        this.bubbles.set(message.sid, bubble);
        this.find("ol").append(bubble);
        grown = true;
      }
      updateBubble(bubble, message);
    }
    this.find(".empty").hidden = mine.length > 0;
    if (grown && (atEnd || mine.at(-1).inbound)) log.scrollTop = log.scrollHeight;
  }

  updateNumbers(numbers) {
    const select = this.find(".their-number");
    const labels = numbers.map((n) => n.phone_number);
    if (labels.join() !== [...select.options].map((o) => o.value).join()) {
      select.replaceChildren(...numbers.map((n) => make("option", { value: n.phone_number }, n.phone_number)));
    }
    if (!labels.includes(this.state.their)) this.state.their = labels[0] || "";
    select.value = this.state.their;
    const number = numbers.find((n) => n.phone_number === this.state.their);
    const connected = number && number.sms_url;
    setText(this.find(".partner-note"), !number ? "" : connected ? number.account : `${number.account} · no webhook yet`);
    setText(this.find(".avatar"), number ? number.account.slice(0, 1) : "");
  }
}

function drawBubble(message) {
  const bubble = make("li", { class: message.inbound ? "mine" : "theirs" });
  if (message.created_by === "automatic") {
    bubble.classList.add("automatic");
    bubble.append(make("p", { class: "note" }, "Twilio’s own answer"));
  }
  const body = make("div", { class: "bubble" });
  for (const item of message.media) body.append(drawMedia(item));
  if (message.body) body.append(make("span", { class: "text", dir: "auto" }, message.body));
  bubble.append(make("span", { class: "visually-hidden" }, message.inbound ? "You: " : "Answer: "), body);
  bubble.append(make("p", { class: "status" }));
  return bubble;
}

function drawMedia(item) {
  if (item.content_type.startsWith("image/")) return make("img", { class: "picture", src: item.url, alt: "Picture" });
  return make("a", { class: "file", href: item.url, target: "_blank", rel: "noopener" }, item.content_type);
}

function updateBubble(bubble, message) {
  const [text, tone] = message.inbound ? receipt(message) : delivery(message);
  setText(bubble.querySelector(".status"), `${text} · ${clock(message.at)}`);
  bubble.dataset.tone = tone;
}

/** What became of the webhook of a text from this phone: [words, tone]. */
function receipt(message) {
  const hook = message.webhook;
  if (!hook) return ["Sent, no webhook was called", "warn"];
  if (hook.outcome === "waiting") return ["Sending to the app…", "wait"];
  if (hook.outcome === "ok") return ["Received by the app", "good"];
  if (hook.status_code) return [`The app answered ${hook.status_code}`, "bad"];
  return [`Not received by the app: ${hook.problem || "no answer"}`, "bad"];
}

/** The delivery status of an answer: [words, tone]. */
function delivery(message) {
  const parts = message.segments > 1 ? ` · ${message.segments} segments` : "";
  const why = message.error_code ? ` (${message.error_code}: ${message.error})` : "";
  switch (message.status) {
    case "delivered": return [`Delivered${parts}`, "good"];
    case "sent": return [`Sent${parts}`, "wait"];
    case "undelivered": return [`Undelivered${why}`, "bad"];
    case "failed": return [`Failed${why}`, "bad"];
    case "canceled": return ["Canceled", "bad"];
    default: return [`${message.status[0].toUpperCase()}${message.status.slice(1)}…`, "wait"];
  }
}
